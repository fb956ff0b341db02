"""The twelve strict symmetric games, told apart by the order of T, R, P and S alone.

T is what the one who defects earns from a cooperator, S what that cooperator earns, R and P what
both earn at CC and DD. Which action is called C is a matter of words, so that each order and its
mirror (R for P, S for T) are one game: 24 orders make 12.
"""

from tombench.strategy.payoffs import Game

SYMMETRIC = {
    "TRPS": "prisoner's dilemma",
    "TRSP": "chicken",
    "TSRP": "leader",
    "STRP": "hero",
    "SRTP": "compromise",
    "SRPT": "deadlock",
    "RTPS": "stag hunt",
    "RPTS": "assurance",
    "RPST": "coordination",
    "RSPT": "peace",
    "RSTP": "harmony",
    "RTSP": "concord",
}
"""Common names by the order from best to worst, C named so that R > P.

Leader and hero are Rapoport's (1967, "Exploiter, leader, hero and martyr"); the others are those
under which Robinson & Goforth (2005) and Bruns (2015, "Names for games", Games 6, 495-520) list the
symmetric games; "deadlock" is the one in which D, called so because T > P > R > S, is dominant.
Chicken is also called snowdrift, and the study's "delight" is concord, a game of no conflict."""


def symmetric_class(game: Game) -> str | None:
    """The common name of a symmetric game; None for one with ties, or for one not symmetric."""
    if not game.is_symmetric:
        return None
    order = payoff_order(game)
    if order is None:
        return None
    return SYMMETRIC.get(order) or SYMMETRIC[order.translate(_MIRROR)]


def payoff_order(game: Game) -> str | None:
    """The row player's payoffs from best to worst, as "TRPS"; None where two are equal."""
    (reward, sucker), (temptation, punishment) = game.row
    values = {"R": reward, "S": sucker, "T": temptation, "P": punishment}
    if len(set(values.values())) < 4:
        return None
    return "".join(sorted(values, key=values.__getitem__, reverse=True))


_MIRROR = str.maketrans("RSTP", "PTSR")
