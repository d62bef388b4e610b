import re

from beffroi.base.design.maps import Layer, Line, Map, Mark, Street, place


def test_north_is_up_and_everything_is_in_view() -> None:
    north = Mark(-0.5, 47.46, "Château d’eau")
    south = Mark(-0.5, 47.44, "Station")
    plan = place(Map("Le réseau", [Layer("Ouvrages", "water", marks=[north, south])]))
    assert plan is not None
    up, down = plan.layers[0].marks
    assert up.y < down.y
    assert all(0 <= mark.x <= plan.width and 0 <= mark.y <= plan.height for mark in (up, down))


def test_a_street_as_long_east_as_north_is_drawn_so() -> None:
    # One degree of longitude is shorter than one of latitude: at 60° by half.
    plan = place(Map("Carré", [], [[(0.0, 60.0), (0.02, 60.0)], [(0.0, 60.0), (0.0, 60.01)]]))
    assert plan is not None
    first, second = ([float(n) for n in re.findall(r"[\d.]+", path)] for path in plan.streets)
    east = abs(first[2] - first[0])
    north = abs(second[3] - second[1])
    assert abs(east - north) < 0.02 * north


def test_every_thing_has_a_number_shared_with_its_twin() -> None:
    street = [(-0.5, 47.44), (-0.49, 47.45)]
    layers = [
        Layer("Annonces", "bell", lines=[Line(street, "Coupure", severity=3)]),
        Layer("Compteurs", "water", marks=[Mark(-0.5, 47.44, "A"), Mark(-0.49, 47.45, "B")]),
    ]
    plan = place(Map("Ce matin", layers, [Street(street, "rue des Tanneurs")]))
    assert plan is not None
    numbers = [line.number for layer in plan.layers for line in layer.lines]
    numbers += [mark.number for layer in plan.layers for mark in layer.marks]
    assert numbers == [1, 2, 3]
    assert [name.text for name in plan.names] == ["rue des Tanneurs"]


def test_one_thing_alone_and_nothing_at_all() -> None:
    alone = place(Map("Un seul", [Layer("Lampes", "lamp", marks=[Mark(-0.5, 47.44, "12")])]))
    assert alone is not None
    assert alone.layers[0].marks[0].x == alone.width / 2
    assert place(Map("Rien", [])) is None


def test_a_name_is_written_only_where_it_fits() -> None:
    short = Street([(-0.5, 47.44), (-0.4999, 47.44)], "impasse du Moulin-aux-Oiseaux")
    long = Street([(-0.52, 47.43), (-0.48, 47.45)], "avenue de la Gare")
    plan = place(Map("Noms", [], [short, long]))
    assert plan is not None
    assert [name.text for name in plan.names] == ["avenue de la Gare"]
