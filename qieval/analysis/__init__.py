"""Floor 3: the analyses. Each is one plain function: table in, result out; none of them draws."""
