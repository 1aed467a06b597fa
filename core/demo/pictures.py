"""A picture for each product of the demo, by its category: Material Symbols (Google, Apache License 2.0)."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.normalising import normalised

# Beginning of a category's path → file in pictures/; the first that fits counts.
PICTURES = {
    "Electrice > Cabluri": "cables", "Electrice > Tablouri": "panels", "Electrice > Aparataj": "panels",
    "Electrice > Iluminat": "light", "Electrice > Tuburi": "pipes", "Electrice": "sockets",
    "Instalații > Încălzire": "heating", "Instalații > Sanitare": "bath", "Instalații": "pipes",
    "Scule > Scule electrice": "power_tools", "Scule > Măsurare": "measure", "Scule": "tools",
    "Materiale de construcții > Izolații": "insulation", "Materiale de construcții > Hidroizolații": "seal",
    "Materiale de construcții": "mortar", "Fixare": "screws", "Finisaje": "paint", "Etanșare": "seal",
    "Protecția muncii": "wear", "Diverse > Cărți": "books", "Diverse > Combustibil": "fuel", "": "boxes",
}  # fmt: skip
FOLDER = Path(__file__).with_name("pictures")


def hang(session: Session) -> None:
    """Give every product the picture of its category."""
    for beginning, name in PICTURES.items():
        picture = normalised((FOLDER / f"{name}.webp").read_bytes())
        values = {"sha256": picture.sha256, "content": picture.content, "small": picture.small}
        session.execute(_HANG, values | {"beginning": beginning})


_HANG = text("""
    insert into product_image (product_id, position, sha256, content, small)
    select product.id, 1, :sha256, :content, :small
    from product left join category on category.id = product.category_id
    where starts_with(coalesce(category.path, ''), :beginning)
      and not exists (select from product_image there where there.product_id = product.id)
""")
