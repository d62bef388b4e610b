"""One's own streets and addresses: what is stored, what is refused and why, and twice is once."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import osmium
import pytest

from beffroi.base.access.public import Actor
from beffroi.base.authorities.imports import Addresses, Map
from beffroi.base.authorities.lines import inside, joined, through_doors
from beffroi.base.authorities.models import Address, Authority, Membership, Site, Street
from beffroi.base.imports.importers import importer
from beffroi.base.imports.public import ImportCancelled, UnreadableSource

pytestmark = pytest.mark.django_db
HEADER = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;x;y;lon;lat;type_position"
)


class Notes:
    """A report that remembers; `stop_after` cancels at that many checks."""

    def __init__(self, stop_after: int = 0) -> None:
        self.accepted = 0
        self.refused: dict[int, str] = {}
        self.notes: list[str] = []
        self.checks, self.stop_after = 0, stop_after
        self.done: list[tuple[int, int]] = []

    cancelled = False

    def check(self) -> None:
        self.checks += 1
        if self.stop_after and self.checks >= self.stop_after:
            raise ImportCancelled

    def progress(self, done: int, total: int) -> None:
        self.done.append((done, total))

    def accept(self, count: int = 1) -> None:
        self.accepted += count

    def refuse(self, line: int, reason: object) -> None:
        self.refused[line] = str(reason)

    def note(self, message: object) -> None:
        self.notes.append(str(message))


def row(
    number: object, street: str, insee: str = "49991", rep: str = "",
    lon: object = -0.137, lat: object = 47.34,
) -> str:  # fmt: skip
    return f"49991_{number};;{number};{rep};{street};49000;{insee};Vernay;1;2;{lon};{lat};entrée"


@pytest.fixture
def vernay(db: None) -> Authority:
    return Authority.objects.create(
        kind="commune", name="Vernay-sur-Loire", slug="vernay", insee="49991", is_default=True
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    lines = [
        HEADER,
        *(
            row(n, "Rue des Tanneurs", lon=round(n * 1e-4 - 0.137, 6), lat=round(47.34 + n * 2e-5, 6))
            for n in range(1, 21)
        ),
        row(4, "Rue des Tanneurs", rep="bis"),
        row(4, "rue des  tanneurs"),
        row(9, "Rue de l’Évêché", insee="49007"),
        row(1, "Place du Puits", lon=""),
        row(2, "Place du Puits", lon="nan"),
        row(3, "Place du Puits", lat=147.0),
        row("12x", "Place du Puits"),
        row(5, "   "),
        row(6, "Place du Puits"),
    ]  # fmt: skip
    path = tmp_path / "adresses-49.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def run(source: Path, authority: Authority, kind: type = Addresses, **options: object) -> Notes:
    notes = Notes()
    kind().run(source, Actor.system(authority, "test"), notes, **options)
    return notes


def test_addresses_are_stored_and_each_refusal_says_why(file: Path, vernay: Authority) -> None:
    notes = run(file, vernay)
    assert notes.accepted == Address.objects.count() == 22
    assert notes.refused == {
        23: "même adresse qu’à la ligne 5",
        24: "commune 49007 (Vernay) non prévue",
        25: "coordonnées absentes ou illisibles",
        26: "coordonnées hors du globe",
        27: "coordonnées hors du globe",
        28: "numéro illisible\u00a0: «\u00a012x\u00a0»",
        29: "nom de voie vide",
    }
    assert {street.name for street in Street.objects.all()} == {
        "Rue des Tanneurs",
        "Place du Puits",
    }


def test_a_street_without_line_gets_one_from_its_doors(file: Path, vernay: Authority) -> None:
    run(file, vernay)
    line = Street.objects.get(slug="rue-des-tanneurs").geometry["coordinates"]
    longitudes = [longitude for longitude, _latitude in line]
    assert longitudes == sorted(longitudes) or longitudes == sorted(longitudes, reverse=True)
    assert Street.objects.get(slug="place-du-puits").geometry is None  # one door makes no line


def test_twice_is_once_and_a_moved_door_moves(file: Path, vernay: Authority) -> None:
    run(file, vernay)
    drawn = Street.objects.get(slug="rue-des-tanneurs").geometry
    text = file.read_text().replace(";-0.1369", ";-0.1", 1)
    file.write_text(text)
    assert run(file, vernay).accepted == 22
    assert Address.objects.count() == 22
    assert Address.objects.get(number=1, street__slug="rue-des-tanneurs").longitude == -0.1
    assert Street.objects.get(slug="rue-des-tanneurs").geometry == drawn


def test_compressed_and_other_encodings_are_read(tmp_path: Path, vernay: Authority) -> None:
    text = "\ufeff" + HEADER + "\r\n" + row(1, "Rue de l’Église") + "\r\n"
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(text.encode("utf-8")))
    assert run(packed, vernay).accepted == 1
    windows = tmp_path / "b.csv"
    windows.write_bytes(
        HEADER.encode() + b"\n" + row(2, "Rue de l'Église").encode("cp1252") + b"\n"
    )
    assert run(windows, vernay).accepted == 1
    assert set(Address.objects.values_list("street__slug", flat=True)) == {"rue-de-leglise"}


def test_members_receive_their_own_and_a_map_file_adds_others(
    file: Path, tmp_path: Path, vernay: Authority
) -> None:
    group = Authority.objects.create(kind="intercommunalite", name="Loire", slug="loire")
    Membership.objects.create(member=vernay, group=group, since="2020-01-01")
    mapping = tmp_path / "map.toml"
    mapping.write_text('[communes]\n49007 = "vernay"\n')
    notes = run(file, group, map=mapping)
    assert 24 not in notes.refused
    assert set(Street.objects.values_list("authority__slug", flat=True)) == {"vernay"}
    mapping.write_text('[communes]\n49007 = "paris"\n')
    with pytest.raises(UnreadableSource, match="paris"):
        run(file, group, map=mapping)


def test_what_cannot_be_read_says_what_to_do(tmp_path: Path, vernay: Authority) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a;b\n1;2\n")
    with pytest.raises(UnreadableSource, match="numero, nom_voie"):
        run(wrong, vernay)
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(gzip.compress((HEADER + "\n" + row(1, "Rue X") + "\n").encode())[:-9])
    with pytest.raises(UnreadableSource, match="illisible"):
        run(broken, vernay)
    vernay.insee = ""
    with pytest.raises(UnreadableSource, match="INSEE"):
        run(wrong, vernay)


def test_a_line_without_end_is_not_read_into_memory(tmp_path: Path, vernay: Authority) -> None:
    packed = tmp_path / "bomb.csv.gz"
    packed.write_bytes(gzip.compress((HEADER + "\n").encode() + b"x" * 20_000_000))
    with pytest.raises(UnreadableSource, match="64"):
        Addresses().run(packed, Actor.system(vernay, "test"), Notes())


def test_a_cancelled_import_keeps_whole_batches_only(tmp_path: Path, vernay: Authority) -> None:
    big = tmp_path / "big.csv"
    big.write_text("\n".join([HEADER, *(row(n, "Rue Longue") for n in range(5000))]))
    notes = Notes(stop_after=1)
    with pytest.raises(ImportCancelled):
        Addresses().run(big, Actor.system(vernay, "test"), notes)
    assert Address.objects.count() == notes.accepted == 2000
    assert notes.done
    assert run(big, vernay).accepted == 5000
    assert Address.objects.count() == 5000


def feature(kind: str, coordinates: object, **properties: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def geojson(path: Path, *features: object) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_geojson_gives_streets_addresses_and_sites(tmp_path: Path, vernay: Authority) -> None:
    source = geojson(
        tmp_path / "plan.geojson",
        feature("LineString", [[-0.1, 47.3], [-0.101, 47.3]], name="Rue Neuve"),
        feature("LineString", [[-0.101, 47.3], [-0.102, 47.301]], name="Rue Neuve"),
        feature("MultiLineString", [[[0, 47], [0.001, 47]], [[0.0011, 47], [0.002, 47]]], nom="Quai Foch"),
        feature("Point", [-0.1, 47.3], name="Mairie"),
        feature("Point", [-0.1, 47.3], **{"addr:street": "Rue Neuve", "addr:housenumber": "12bis"}),
        feature("LineString", [[-0.1, 47.3], [-0.2, 47.3]]),
        feature("LineString", [[-0.1, 47.3]], name="Trop court"),
        feature("LineString", [[-0.1, 91], [0, 0]], name="Hors du globe"),
        feature("Polygon", [[[0, 0], [1, 1], [0, 1], [0, 0]]], name="Un parc"),
        {"type": "Feature", "geometry": None},
    )  # fmt: skip
    notes = run(source, vernay, Map)
    assert len(Street.objects.get(slug="rue-neuve").geometry["coordinates"]) == 3
    assert len(Street.objects.get(slug="quai-foch").geometry["coordinates"]) == 4
    assert Site.objects.get(name="Mairie").longitude == -0.1
    assert (Address.objects.get().number, Address.objects.get().suffix) == (12, "bis")
    assert notes.accepted == 4
    assert set(notes.refused) == {6, 7, 8, 9, 10}
    before = sorted(Street.objects.values_list("pk", "geometry", flat=False), key=str)
    assert run(source, vernay, Map).accepted == 4
    assert sorted(Street.objects.values_list("pk", "geometry", flat=False), key=str) == before


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "Feature"}', "\xff"])
def test_what_is_no_geojson_is_refused_whole(tmp_path: Path, vernay: Authority, text: str) -> None:
    path = tmp_path / "x.geojson"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UnreadableSource):
        run(path, vernay, Map)
    assert not Street.objects.exists()


def openstreetmap(path: Path, *, boundary: bool) -> Path:
    corners = [(-0.15, 47.33), (-0.12, 47.33), (-0.12, 47.35), (-0.15, 47.35)]
    nodes = dict(enumerate(corners, start=1))
    nodes |= {
        10: (-0.14, 47.34),
        11: (-0.139, 47.34),
        12: (-0.138, 47.341),
        20: (0.5, 47.34),
        21: (0.51, 47.34),
    }
    writer = osmium.SimpleWriter(str(path))
    for number, (lon, lat) in nodes.items():
        writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat)))
    way = osmium.osm.mutable.Way
    writer.add_way(way(id=100, nodes=[1, 2, 3, 4, 1]))
    writer.add_way(
        way(id=101, nodes=[10, 11], tags={"highway": "residential", "name": "Rue des Tanneurs"})
    )
    writer.add_way(
        way(id=102, nodes=[11, 12], tags={"highway": "residential", "name": "Rue des Tanneurs"})
    )
    writer.add_way(
        way(id=103, nodes=[20, 21], tags={"highway": "primary", "name": "Rue Lointaine"})
    )
    writer.add_way(way(id=104, nodes=[10, 12], tags={"highway": "footway"}))
    writer.add_way(way(id=105, nodes=[10], tags={"highway": "residential", "name": "Rue Brisée"}))
    if boundary:
        writer.add_relation(
            osmium.osm.mutable.Relation(
                id=1, members=[("w", 100, "outer")],
                tags={"type": "boundary", "boundary": "administrative", "ref:INSEE": "49991"},
            )
        )  # fmt: skip
    writer.close()
    return path


@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm", ".osm.gz"])
def test_an_extract_gives_named_ways_inside_the_boundary(
    tmp_path: Path, vernay: Authority, suffix: str
) -> None:
    notes = run(openstreetmap(tmp_path / f"x{suffix}", boundary=True), vernay, Map)
    (street,) = Street.objects.all()
    assert street.name == "Rue des Tanneurs"
    assert len(street.geometry["coordinates"]) == 3
    assert any("1 voies hors des limites" in note for note in notes.notes)
    assert any("Rue Brisée" in why for why in notes.refused.values())


def test_without_boundary_all_named_ways_are_taken(tmp_path: Path, vernay: Authority) -> None:
    run(openstreetmap(tmp_path / "x.osm.pbf", boundary=False), vernay, Map)
    assert Street.objects.count() == 2


def test_a_file_that_is_no_extract_is_refused(tmp_path: Path, vernay: Authority) -> None:
    wrong = tmp_path / "x.osm.pbf"
    wrong.write_bytes(b"nothing of the kind")
    with pytest.raises(UnreadableSource, match="OpenStreetMap"):
        run(wrong, vernay, Map)


def test_both_are_offered_by_command_and_page() -> None:
    assert importer("addresses") is not None
    assert importer("map") is not None


def test_pieces_are_joined_end_to_end_whatever_their_direction() -> None:
    line, left_out = joined([[[0, 0], [1e-3, 0]], [[2e-3, 0], [1e-3, 0]], [[1, 1], [1.001, 1]]])
    assert line in ([[0, 0], [1e-3, 0], [2e-3, 0]], [[2e-3, 0], [1e-3, 0], [0, 0]])
    assert left_out == 1
    assert joined([]) == ([], 0)


def test_doors_of_both_sides_give_the_middle() -> None:
    doors = [(x * 1e-4, side * 5e-5) for x in range(30) for side in (-1, 1)]
    line = through_doors(doors)
    assert line is not None
    assert all(abs(latitude) < 3e-5 for _longitude, latitude in line[1:-1])
    assert through_doors([(0.0, 0.0), (0.0, 0.0)]) is None


def test_a_hole_of_a_boundary_is_outside() -> None:
    square = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
    hole = [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]
    assert inside((3, 3), [square, hole])
    assert not inside((1.5, 1.5), [square, hole])
    assert not inside((5, 1), [square, hole])
