"""The learning curve's file: what an interruption leaves is read, torn rows are not."""

from pathlib import Path

from tombench.recipes.curve import (
    Point,
    append_points,
    plot_curve,
    points_of,
    read_curve,
    write_curve,
)


def test_points_are_read_back_up_to_a_step(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    first = points_of(5, 100, 1.234, {"a/x": 0.25, "a/y, z": 1 / 3})
    write_curve(path, first)
    append_points(path, points_of(10, 200, 2.0, {"a/x": 0.5}))
    expected = [Point(5, 100, 1.23, "a/x", 0.25), Point(5, 100, 1.23, "a/y, z", 0.33333)]
    assert read_curve(path, until=9) == expected
    assert len(read_curve(path, until=10)) == 3
    assert read_curve(path, until=0) == [] == read_curve(tmp_path / "none.csv", until=9)


def test_a_torn_row_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    write_curve(path, points_of(5, 100, 1.0, {"a/x": 0.25}))
    with path.open("a") as file:
        file.write("5,100,1.0,a/y")
    assert [point.name for point in read_curve(path, until=9)] == ["a/x"]


def test_a_panel_for_each_prefix(tmp_path: Path) -> None:
    names = {"held_out/pairs": 0.5, "held_out/single": 0.7, "loss": 3.0}
    plot_curve([p for step in (0, 9) for p in points_of(step, step, 0, names)], tmp_path / "c.png")
    assert (tmp_path / "c.png").stat().st_size > 1000
