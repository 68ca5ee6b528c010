# SPDX-License-Identifier: MIT
"""The samples about what a pickle comes in: gzip of every lawful form, gzip with every kind of damage, imports hidden
behind either, bombs, and the containers that are no pickle.  Only builds bytes."""
import base64
import struct
import zlib

from gzip_bytes import FCOMMENT, FEXTRA, FHCRC, FNAME, FTEXT, bomb, header, member, stored, trailer
from handmade import CALL, STACK_SYSTEM, u4

PLAIN = b"\x80\x04}\x94(\x8c\x04name\x94\x8c\x04John\x94\x8c\x03age\x94K\x1eu."
EVIL = b"\x80\x04" + STACK_SYSTEM + b"\x8c\x02id\x85R."
EMPTY = member(b"")
ALL_FIELDS = FTEXT | FHCRC | FEXTRA | FNAME | FCOMMENT


def body_of(blocks, data=PLAIN):
    return header() + blocks + trailer(data)


ACCEPTED = {
    "one-member": member(PLAIN),
    "ftext": member(PLAIN, FTEXT),
    "fhcrc": member(PLAIN, FHCRC),
    "fextra": member(PLAIN, FEXTRA),
    "fextra-empty": member(PLAIN, FEXTRA, extra=b""),
    "fextra-long": member(PLAIN, FEXTRA, extra=b"\x1f\x8b\x08\x00" * 300),
    "fname": member(PLAIN, FNAME),
    "fname-empty": member(PLAIN, FNAME, name=b""),
    "fname-long": member(PLAIN, FNAME, name=b"n" * 1000),
    "fcomment": member(PLAIN, FCOMMENT),
    "all-fields": member(PLAIN, ALL_FIELDS),
    "two-members": member(PLAIN[:7]) + member(PLAIN[7:]),
    "two-members-all-fields": member(PLAIN[:7], ALL_FIELDS) + member(PLAIN[7:], ALL_FIELDS),
    "member-a-byte": b"".join(member(PLAIN[at:at + 1]) for at in range(len(PLAIN))),
    "empty-members-around": EMPTY + member(PLAIN[:9]) + EMPTY + member(PLAIN[9:]) + EMPTY,
    "hundred-empty-members": EMPTY * 100 + member(PLAIN),
    "zeros-behind": member(PLAIN) + bytes(700),
    "zeros-between": member(PLAIN[:9]) + bytes(3) + member(PLAIN[9:]) + bytes(1),
    "blocks-empty": body_of(b"\x00\x00\x00\xff\xff" * 3 + stored(PLAIN)),
    "fixed-codes": body_of(bytes.fromhex("d3f066f466a2262ed10300"), b"(" + b"K\x01K\x02" * 20 + b"t."),
}

REFUSED = {
    "gzip-truncated": {
        "lone-1f": b"\x1f",
        "magic-only": header()[:2],
        "in-header": header()[:6],
        "in-fextra": header(FEXTRA)[:14],
        "in-fextra-length": header(FEXTRA)[:11],
        "in-fname": header(FNAME)[:15],
        "in-fcomment": header(FCOMMENT)[:12],
        "in-fhcrc": header(FHCRC)[:11],
        "before-data": header(),
        "in-data": member(PLAIN)[:25],
        "after-stop-before-last-block": header() + b"\x00" + stored(PLAIN)[1:],
        "before-trailer": member(PLAIN)[:-8],
        "in-trailer": member(PLAIN)[:-1],
        "second-member-in-header": member(PLAIN) + header()[:5],
        "second-member-before-trailer": member(PLAIN) + EMPTY[:-8],
    },
    "gzip-header": {
        "method-7": header(method=7) + stored(PLAIN) + trailer(PLAIN),
        "reserved-20": header(0x20) + stored(PLAIN) + trailer(PLAIN),
        "reserved-40": header(0x40) + stored(PLAIN) + trailer(PLAIN),
        "reserved-80": header(0x80) + stored(PLAIN) + trailer(PLAIN),
        "fhcrc-wrong": header(FHCRC)[:-1] + b"\x00" + stored(PLAIN) + trailer(PLAIN),
        "second-member-half-a-magic": member(PLAIN) + b"\x1f\x8c",
        "second-member-method-7": member(PLAIN) + header(method=7) + stored(b"") + trailer(b""),
    },
    "gzip-data": {
        "block-type-3": body_of(b"\x07\x00\x00"),
        "stored-length": body_of(b"\x01\x05\x00\x00\x00" + PLAIN),
        "codes-impossible": body_of(b"\xfd\xff\xff\xff\xff\xff"),
        "distance-too-far": body_of(b"\x03\x02\x00"),
        "after-stop": header() + b"\x00" + stored(PLAIN)[1:] + b"\x07\x00" + trailer(PLAIN),
    },
    "gzip-crc": {
        "wrong": member(PLAIN)[:-8] + b"\x00\x00\x00\x00" + member(PLAIN)[-4:],
        "wrong-in-empty-member": EMPTY[:-8] + b"\x01\x00\x00\x00" + EMPTY[-4:] + member(PLAIN),
        "wrong-in-last-empty-member": member(PLAIN) + EMPTY[:-8] + b"\x01\x00\x00\x00" + EMPTY[-4:],
    },
    "gzip-size": {
        "wrong": member(PLAIN)[:-4] + b"\x00\x00\x00\x00",
        "wrong-in-first-of-two": member(PLAIN[:7])[:-4] + b"\x08\x00\x00\x00" + member(PLAIN[7:]),
    },
    "gzip-trailing": {
        "junk": member(PLAIN) + b"junk",
        "plain-pickle": member(PLAIN) + PLAIN,
        "zeros-and-junk": member(PLAIN) + bytes(9) + b"\x01",
        "bzip2": member(PLAIN) + b"BZh91AY&SY",
    },
    "gzip-nested": {
        "twice": member(member(PLAIN)),
        "evil": member(member(EVIL)),
    },
    "empty": {
        "gzip-of-nothing": EMPTY,
    },
    "truncated": {
        "gzip-of-half": member(PLAIN[:20]),
    },
    "bad-opcode": {
        "gzip-of-lone-1f": member(b"\x1f"),
    },
    "trailing-bytes": {
        "gzip-same-member": member(PLAIN + b"\x00"),
        "gzip-second-member": member(PLAIN) + member(b"\n\n"),
    },
    "trailing-newline": {
        "gzip-second-member": member(PLAIN) + member(b"\n"),
    },
    "several-pickles": {
        "gzip-second-member": member(PLAIN) + member(PLAIN),
        "gzip-second-member-evil": member(PLAIN) + member(EVIL),
        "gzip-second-member-evil-crc-wrong": member(PLAIN) + member(EVIL)[:-8] + bytes(8),
    },
    "code-import": {
        "gzip-across-members": member(EVIL[:12]) + EMPTY + member(EVIL[12:]),
        "gzip-crc-wrong": member(EVIL)[:-8] + bytes(8),
        "gzip-cut-after-import": member(CALL + PLAIN)[:-12],
        "gzip-damage-after-import": header() + b"\x00" + stored(CALL)[1:] + b"\x07\x00",
        "gzip-trailing-junk": member(EVIL) + b"junk",
        "gzip-all-fields": member(EVIL, ALL_FIELDS),
        "gzip-bomb-behind": bomb(EVIL, ord("N"), 1),
    },
    "limit-unpacked": {
        "gzip-bomb@max-unpacked=1M": bomb(b"B" + u4(2 ** 31), 0x20, 2),
    },
    "limit-ratio": {
        "gzip-bomb": bomb(b"B" + u4(2 ** 31), 0x20, 66),
    },
    "limit-depth": {
        "gzip-bomb-of-marks": bomb(b"\x80\x04", ord("("), 10),
    },
    "limit-alloc": {
        "gzip-bomb-of-sets@max-alloc=2M": bomb(b"(", 0x8F, 4),
    },
    "limit-input": {
        "gzip@max-input=20": member(PLAIN),
    },
    "gzip-forbidden": {
        "plain@gzip=never": member(PLAIN),
    },
}


def tar():
    name_to_size = b"data.pickle".ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + b"%011o\0" % len(PLAIN)
    block = (name_to_size + b"00000000000\0" + b" " * 8 + b"0").ljust(257, b"\0") + b"ustar\x0000"
    block = block.ljust(512, b"\0")
    block = block[:148] + b"%06o\0 " % sum(block) + block[156:]
    return block + PLAIN.ljust(512, b"\0") + bytes(1024)


def archive(name):
    """A zip with one entry of this name."""
    facts = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0, zlib.crc32(PLAIN), len(PLAIN), len(PLAIN), len(name), 0)
    local = b"PK\x03\x04" + facts + name + PLAIN
    central = b"PK\x01\x02\x14\x00" + facts + bytes(14) + name
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


NO_PICKLES = {
    "gzip-missing": {"plain@gzip=always": PLAIN, "empty@gzip=always": b"", "evil@gzip=always": EVIL},
    "wrapper-zip": {"file": archive(b"data.pickle"), "name-cut": archive(b"archive/data.pkl")[:35], "empty": b"PK\x05\x06" + bytes(18), "spanned": b"PK\x07\x08PK\x03\x04"},
    "wrapper-zlib": {
        "level-0": b"\x78\x01" + stored(PLAIN) + struct.pack(">I", zlib.adler32(PLAIN)),
        "level-6": b"\x78\x9c\x03\x00\x00\x00\x00\x01",
        "level-9": b"\x78\xda\x03\x00\x00\x00\x00\x01",
    },
    "wrapper-bz2": {"empty": b"BZh9\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00"},
    "wrapper-xz": {"header": b"\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4\x46"},
    "wrapper-zstd": {"header": b"\x28\xb5\x2f\xfd\x24\x00\x01\x00\x00\x99\xe9\xd8\x51"},
    "wrapper-npy": {"object-array": b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"},
    "wrapper-tar": {"ustar": tar()},
    "wrapper-hdf5": {"header": b"\x89HDF\r\n\x1a\n\x00\x00\x00\x00\x00\x08\x08\x00"},
    "wrapper-7z": {"header": b"7z\xbc\xaf\x27\x1c\x00\x04"},
    "wrapper-npz": {"array": archive(b"arr_0.npy")},
    "wrapper-torch": {"archive": archive(b"archive/data.pkl"), "named": archive(b"model_best/data.pkl")},
    "wrapper-torch-legacy": {
        "start": b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}q\x00."},
    "wrapper-joblib": {"zfile": b"ZF0x26" + b" " * 15 + b"\x78\x9c\x03\x00\x00\x00\x00\x01"},
    "wrapper-lz4": {"frame": b"\x04\x22\x4d\x18\x64\x40\xa7\x00\x00\x00\x00\x05\x5d\xcc\x02"},
    "wrapper-lzma": {"alone": b"\x5d\x00\x00\x80\x00" + b"\xff" * 8 + b"\x00\x83\xff\xfb\xff\xff\xc0\x00\x00\x00"},
    "wrapper-parquet": {"start": b"PAR1\x15\x04\x15\x10\x15\x14L\x15\x02\x15\x04"},
    "wrapper-arrow": {"file": b"ARROW1\x00\x00\xff\xff\xff\xff\x78\x00\x00\x00"},
    "wrapper-sqlite": {"header": b"SQLite format 3\x00\x10\x00\x01\x01\x00\x40\x20\x20"},
    "wrapper-gguf": {"header": b"GGUF\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00"},
    "wrapper-safetensors": {
        "short-header": b"\x58\x00\x00\x00\x00\x00\x00\x00" + b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'.ljust(88),
        "of-global": b"\x63\x00\x00\x00\x00\x00\x00\x00" + b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'.ljust(99)},
    "wrapper-png": {"header": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00"},
    "wrapper-jpeg": {"jfif": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01"},
    "wrapper-gif": {"89a": b"GIF89a\x01\x00\x01\x00\x80\x00\x00", "87a": b"GIF87a\x40\x00\x40\x00\xf7\x00\x00"},
    "wrapper-pdf": {"start": b"%PDF-1.7\n%\xb5\xb5\xb5\xb5\n1 0 obj\n"},
    "wrapper-elf": {"64-bit": b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00"},
    "wrapper-pyc": {
        "38": b"\x55\x0d\x0d\x0a" + bytes(4) + b"\x9e\x1e\x0e\x5f\x07\x00\x00\x00\xe3" + bytes(16),
        "311": b"\xa7\x0d\x0d\x0a" + bytes(12) + b"\xe3" + bytes(16),
        "27": b"\x03\xf3\x0d\x0a\x9e\x1e\x0e\x5fc" + bytes(16)},
    "wrapper-ppu": {"207": b"PPU207\x00\x00\x08\x00\x00\x00"},
    "wrapper-renpy": {"rpc2": b"RENPY RPC2" + struct.pack("<III", 1, 46, 100)},
    "wrapper-length": {"graphite": struct.pack(">I", len(PLAIN)) + PLAIN, "logging": b"\x00\x00\x01\x02\x80\x02}q\x00."},
    "wrapper-base64": {"4": base64.b64encode(PLAIN), "2": base64.b64encode(b"\x80\x02]q\x00.")},
    "wrapper-git-lfs": {"pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d" * 32 + b"\nsize 12345\n"},
    "wrapper-bom": {"utf-8": b"\xef\xbb\xbf(lp0\n.", "utf-16-le": b"\xff\xfe(\x00l\x00", "utf-16-be": b"\xfe\xff\x00(\x00l"},
    "wrapper-xml": {"html": b"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<title>404 Not Found</title>\n</head>",
                    "xml": b"<?xml version=\"1.0\"?>\n<a/>"},
    "wrapper-json": {"object": b'{"name": "John", "age": 30}\n', "array": b"[1, 2, 3]", "indented": b'  {\n    "a": [1]\n  }\n'},
    "wrapper-python": {"import": b"import os\nos.system('id')\n", "from": b"from os import path\n\nprint(path)\n",
                       "class": b"class A:\n    pass\n", "bytes": b"b'\\x80\\x04\\x95'", "shebang": b"#!/usr/bin/python3\n"},
    "wrapper-text": {"hello": b"Hello, world\n", "readme": b"README of this data set\n\nIt holds 10,000 records.\n",
                     "keys": b"The keys are: a, b, c\n", "note": b"Note that this file is not the one you want.\n",
                     "dict": b"{'name': 'John', 'age': 30}\n", "csv": b"# a comment\n1,2,3\n",
                     "utf-8": "Über die Daten\n".encode(), "copyright": b"hello (c) 2024 the authors of this file\n",
                     "script": b"const a = require('a'); console.log(a)" + b";a(1)" * 300, "banner": b"#" * 79 + b"\n",
                     "heading": b"README\n======\n\nThis is how it works.\n", "man-page": b'.TH "GIT" "1"\n.SH NAME\n',
                     "not-ascii": "This is é text".encode()},
}


def samples():
    for name, data in ACCEPTED.items():
        yield "accept/hand-gzip-%s.pickle.gz" % name, data
    for reason, cases in REFUSED.items():
        for name, data in cases.items():
            name = name if name.startswith("gzip") else "gzip-" + name
            yield "refuse/%s/hand-%s.pickle.gz" % (reason, name), data
    for reason, cases in NO_PICKLES.items():
        for name, data in cases.items():
            yield "refuse/%s/hand-%s.pickle" % (reason, name), data
