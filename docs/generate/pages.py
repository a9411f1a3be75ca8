"""Every file of docs/ that is made from the code."""

from configuration import configuration
from dictionary import data_contract, dictionary
from graph import imports, reads
from pictures import draw

from pipeline.config.schema import schema, schema_of_ledger, schema_of_tenants


def pages() -> dict[str, str]:
    """What each file holds, by its name."""
    return {
        "chargeback.schema.json": schema().decode(),
        "ledger.schema.json": schema_of_ledger().decode(),
        "tenants.schema.json": schema_of_tenants().decode(),
        "configuration.md": configuration(),
        "data-contract.json": data_contract(),
        "data-dictionary.md": dictionary(),
        "imports.svg": draw(imports(), "What imports what in pipeline/", "imports"),
        "reads.svg": draw(reads(), "What reads what in sql/models/", "reads"),
    }
