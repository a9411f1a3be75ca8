"""The names in the sandbox tenant: people, spaces, automations, connectors; errors."""

# Given and family names that go together.
PEOPLE = (
    (("Anna", "Lukas", "Friederike"), ("Müller", "Groß", "Schäfer", "von Berg")),
    (("Chloé", "Étienne", "Maëlle"), ("Lefèvre", "Garçon", "D'Arcy", "Béranger")),
    (("Lucía", "Íñigo", "Mateo"), ("Muñoz Peña", "Ibáñez", "Aragón", "Quiñones")),
    (("Søren", "Astrid", "Åse"), ("Østergård", "Bjørnson", "Ängström", "Kjær")),
    (("Zofia", "Łukasz", "Błażej"), ("Wiśniewska", "Żak", "Gąsior", "Święty")),
    (("Jiří", "Markéta", "Ondřej"), ("Dvořák", "Šťastný", "Hájek", "Růžička")),
    (("Niamh", "Seán", "Aoife"), ("O'Brien", "Mac Giolla", "Ó Súilleabháin", "Byrne")),
    (("Δήμητρα", "Γιώργος", "Ελένη"), ("Παπαδοπούλου", "Νικολάου", "Καρράς", "Ζήσης")),
    (("Олена", "Тарас", "Дмитро"), ("Шевченко", "Ткачук", "Бойко", "Мельник")),  # noqa: RUF001
    (("Ayşe", "İbrahim", "Çağla"), ("Yılmaz", "Öztürk", "Şahin", "Güneş")),  # noqa: RUF001
    (("نور", "ليلى", "عمر"), ("حداد", "المصري", "خوري", "ناصر")),
    (("美咲", "健太", "翔"), ("佐藤", "鈴木", "高橋", "渡辺")),
    (("秀英", "伟", "芳"), ("王", "李", "张", "欧阳")),
    (("Aarav", "Priya", "Lakshmi"), ("Nair", "Iyer", "Chaudhary", "Venkataraman")),
    (("Chidi", "Ngozi", "Amina"), ("Okonkwo", "Adébáyò", "Ibrahim", "Eze")),
    (("Trần Minh", "Nguyễn Thu", "Lê Bảo"), ("Anh", "Hà", "Phúc", "Ngọc")),
)

# Name and type of each space, in the order in which a smaller tenant has them.
SPACES = (
    ("Finance", "shared"),
    ("Sales Operations", "shared"),
    ("HR", "shared"),
    ("Supply Chain", "shared"),
    ("Executive Reporting", "managed"),
    ("Marketing & Brand", "shared"),
    ("Customer Service", "shared"),
    ("IT Operations", "shared"),
    ("Data Platform", "data"),
    ("Legal", "shared"),
    ("Produktion Süd", "shared"),
    ("R&D <lab>", "shared"),
)

TASKS = (
    "Reload {thing}",
    "Export {thing} to SharePoint",
    "Send {thing} by mail",
    "Sync {thing} with the CRM",
    "Archive {thing}",
    "Check {thing} & open a ticket",
    "Distribute {thing} to the regional managers of each country",
    "Write {thing} back to SAP",
    "{thing}: alert when < target",
    "Post {thing} to the team channel",
    "Merge {thing}",
    'Rebuild "{thing}"',
    "=Total of {thing}",
    "@mentions about {thing}",
)

THINGS = (
    "open invoices",
    "month-end close",
    "pipeline forecast",
    "quotas",
    "headcount",
    "onboarding list",
    "stock levels",
    "supplier scorecard",
    "delivery delays",
    "board pack",
    "campaign spend",
    "web leads",
    "ticket backlog",
    "SLA breaches",
    "licence usage",
    "access reviews",
    "customer master",
    "price list",
    "contract renewals",
    "Schichtplan Süd",
    "lab results",
    "travel expenses",
    "dunning letters",
    "energy meters",
)

# Name, and whether its blocks are billable: a run that executes one is third-party.
CONNECTORS = (
    ("Qlik Cloud Services", False),
    ("Qlik Platform Operations", False),
    ("Qlik Reporting", False),
    ("Mail", False),
    ("Cloud Storage", False),
    ("Salesforce", True),
    ("SAP OData", True),
    ("Microsoft Teams", True),
    ("Microsoft SharePoint", True),
    ("Jira", True),
    ("Slack", True),
    ("ServiceNow", True),
    ("Snowflake", True),
    ("Airtable", True),
)

# Messages of failed runs, with a secret that they quote and that must not be stored.
ERRORS = (
    "The connection was closed by the remote host",
    "401 Unauthorized: the token of the data source has expired: Bearer {secret}",
    'Field "{secret}" not found in <app>',
    "Too many requests to the external service; password={secret}",
    (
        "Client error: `POST https://example.com/?access_token={secret}` resulted in a"
        ' `404 Not Found` response:\n{{"password": "{secret}"}}'
    ),
    "Maximum execution time of 14400 seconds exceeded",
)
