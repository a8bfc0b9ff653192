"""Profiles of disclosure control: which counts a release withholds, and how it rounds the others.

The rules are those under which national figures of the same services are published, so that a
release of a project's figures never says more than theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

from qieval.core.errors import require_one_of


@dataclass(frozen=True)
class Profile:
    """A rule for counts of people that leave the workbench.

    Attributes
    ----------
    name, version, source : str
        What it is called, as of when, and where it is published. All three stand in a release.
    least, most : int
        Counts from `least` to `most` are withheld; ``most`` below ``least`` withholds none.
    round_to : int
        Other counts are rounded to the nearest multiple of it; 1 leaves them exact.
    """

    name: str
    version: str
    source: str
    least: int
    most: int
    round_to: int

    @property
    def withholds(self) -> bool:
        """Whether it withholds anything."""
        return self.most >= self.least

    @property
    def fewest(self) -> int:
        """How many values a withheld count must still be able to have, for a reader who computes.

        Half of those that the rule withholds, so that neither a count nor its neighbours are given
        away. The published rules name no such number; this is ours.
        """
        return (self.most - self.least + 2) // 2


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            "mhsds",
            "as published since 2014",
            "NHS England (NHS Digital), Mental Health Bulletin and Mental Health Services Monthly "
            "Statistics: counts under 5, 0 included, are replaced; others are rounded to 5",
            least=0,
            most=4,
            round_to=5,
        ),
        Profile(
            "hes",
            "September 2018",
            "NHS England (NHS Digital), Disclosure control methodology for Hospital Episode "
            "Statistics and Emergency Care Data Set: counts of 1 to 7 are replaced; others are "
            "rounded to 5",
            least=1,
            most=7,
            round_to=5,
        ),
        Profile(
            "ons10",
            "threshold 10",
            "Threshold of 10 of the Office for National Statistics for outputs of its secure "
            "research service: counts under 10 are replaced (0 too, so that it is not told apart); "
            "others stay exact",
            least=0,
            most=9,
            round_to=1,
        ),
        Profile(
            "internal",
            "no control",
            "The team's own figures; nothing is withheld, and nothing may be passed on",
            least=0,
            most=-1,
            round_to=1,
        ),
    )
}
"""Every profile, by its name."""


def profile_named(name: str) -> Profile:
    """A profile by its name.

    Raises
    ------
    ParameterError
        If there is none of that name.
    """
    require_one_of("profile", name, PROFILES)
    return PROFILES[name]
