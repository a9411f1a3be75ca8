"""What the standard library raises for an archive that is cut, flipped or locked."""

import zipfile
import zlib

# An odd compression is "not implemented", an encrypted member a RuntimeError.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
)
