"""The columns of a Buchungsstapel of version 13, in the order in which DATEV has them.

By developer.datev.de, DATEV-Format, Buchungsstapel, whose example has these names.
"""

_BEFORE = """\
Umsatz (ohne Soll/Haben-Kz);Soll/Haben-Kennzeichen;WKZ Umsatz;Kurs;Basis-Umsatz;\
WKZ Basis-Umsatz;Konto;Gegenkonto (ohne BU-Schlüssel);BU-Schlüssel;Belegdatum;\
Belegfeld 1;Belegfeld 2;Skonto;Buchungstext;Postensperre;Diverse Adressnummer;\
Geschäftspartnerbank;Sachverhalt;Zinssperre;Beleglink"""
_BETWEEN = """\
KOST1 - Kostenstelle;KOST2 - Kostenstelle;Kost-Menge;EU-Land u. UStID (Bestimmung);\
EU-Steuersatz (Bestimmung);Abw. Versteuerungsart;Sachverhalt L+L;\
Funktionsergänzung L+L;BU 49 Hauptfunktionstyp;BU 49 Hauptfunktionsnummer;\
BU 49 Funktionsergänzung"""
_AFTER = """\
Stück;Gewicht;Zahlweise;Forderungsart;Veranlagungsjahr;Zugeordnete Fälligkeit;\
Skontotyp;Auftragsnummer;Buchungstyp;USt-Schlüssel (Anzahlungen);\
EU-Land (Anzahlungen);Sachverhalt L+L (Anzahlungen);EU-Steuersatz (Anzahlungen);\
Erlöskonto (Anzahlungen);Herkunft-Kz;Buchungs GUID;KOST-Datum;SEPA-Mandatsreferenz;\
Skontosperre;Gesellschaftername;Beteiligtennummer;Identifikationsnummer;\
Zeichnernummer;Postensperre bis;Bezeichnung SoBil-Sachverhalt;\
Kennzeichen SoBil-Buchung;Festschreibung;Leistungsdatum;Datum Zuord. Steuerperiode;\
Fälligkeit;Generalumkehr (GU);Steuersatz;Land;Abrechnungsreferenz;BVV-Position;\
EU-Land u. UStID (Ursprung);EU-Steuersatz (Ursprung);Abw. Skontokonto"""


def _pairs(kind: str, content: str, count: int) -> tuple[str, ...]:
    return tuple(
        f"{name} {number}" for number in range(1, count + 1) for name in (kind, content)
    )


_VOUCHERS = _pairs("Beleginfo - Art", "Beleginfo - Inhalt", 8)
_MORE = _pairs("Zusatzinformation - Art", "Zusatzinformation- Inhalt", 20)

COLUMNS = (
    *_BEFORE.split(";"),
    *_VOUCHERS,
    *_BETWEEN.split(";"),
    *_MORE,
    *_AFTER.split(";"),
)

_QUOTED = """\
Soll/Haben-Kennzeichen;WKZ Umsatz;WKZ Basis-Umsatz;BU-Schlüssel;Belegfeld 1;\
Belegfeld 2;Buchungstext;Diverse Adressnummer;Beleglink;KOST1 - Kostenstelle;\
KOST2 - Kostenstelle;EU-Land u. UStID (Bestimmung);Abw. Versteuerungsart;\
Forderungsart;Auftragsnummer;Buchungstyp;EU-Land (Anzahlungen);Herkunft-Kz;\
Buchungs GUID;SEPA-Mandatsreferenz;Gesellschaftername;Identifikationsnummer;\
Zeichnernummer;Bezeichnung SoBil-Sachverhalt;Generalumkehr (GU);Land;\
Abrechnungsreferenz;EU-Land u. UStID (Ursprung)"""

# Those that are texts, and stand in quotation marks, also where they are empty.
QUOTED = frozenset((*_QUOTED.split(";"), *_VOUCHERS, *_MORE))
