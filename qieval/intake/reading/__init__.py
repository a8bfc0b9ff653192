"""Reading: from a workbook or file to a checked table and its data passport.

One name stands for one thing in every module of this room:

`request`     what the parameters say; strict reading stops (a DataError) where something is open
`kind`        what the table is; `where`: the file (and sheet), as messages name it
`grid`        the cells of a sheet or text file; `block`: where on it a table stands
`draft`       a table on its way from the grid to named columns
`raw`         the table as the file has it
`cells`       raw cells under the file's headings; the index holds the row numbers
`table`       converted columns under our names; the index holds the row numbers
`names`       our name → heading of the file; `mapped`: those of them that the parameters gave
`secret`      headings whose cells no message may show
`figures`     columns of numbers that can be added up; `units`: whose they are; `texts`: words
`notes`       what was decided, for the passport; what is said to refuse something raises
"""

from qieval.intake.reading.passport import Loaded, Passport
from qieval.intake.reading.read import read
from qieval.intake.reading.values.suppression import SUPPRESSED

__all__ = ["SUPPRESSED", "Loaded", "Passport", "read"]
