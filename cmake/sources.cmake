# SPDX-License-Identifier: MIT
#
# The sources of the library, one room a line (docs/design.md).  This is the one list: the include lint fails when a
# file of src/ is missing here.
set(SPK_SOURCES
    src/decoder.c
    src/encoder.c
    src/writer.c
    src/emit.c
    src/output.c
    src/deflate.c
    src/identity.c
    src/gzip.c
    src/window.c
    src/machine.c
    src/sniff.c
    src/visit.c
    src/value.c
    src/find.c
    src/tree.c
    src/keys.c
    src/items.c
    src/intern.c
    src/index.c
    src/key.c
    src/links.c
    src/slots.c
    src/names.c
    src/number.c
    src/escape.c
    src/utf8.c
    src/ascii.c
    src/limits.c
    src/memory.c
    src/pages.c
    src/report.c
    src/opcode.c)
