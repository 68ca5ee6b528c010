# SPDX-License-Identifier: MIT
"""The samples that no pickler writes, made byte by byte: an accepting use of each opcode, each refusal that a pickle
can earn, and what attackers do to hide an import.  Only builds bytes; loads and runs nothing."""
import struct

from gzip_bytes import member

SYSTEM = b"cposix\nsystem\n"
CALL = SYSTEM + b"(S'id'\ntR"
STACK_SYSTEM = b"\x8c\x05posix\x8c\x06system\x93"

CYCLE_OF_TWO = b"]q\x00]q\x01h\x00aa"


def u4(number):
    return struct.pack("<I", number)


def u8(number):
    return struct.pack("<Q", number)


def frame(body, size=None):
    return b"\x95" + u8(len(body) if size is None else size) + body


def framed(body):
    return b"\x80\x04" + frame(body)


ACCEPTED = {
    # one of each opcode, where picklers write some of them only in larger pickles
    "mark-tuple": b"(K\x01t.",
    "pop": b"K\x01N0.",
    "pop-of-mark": b"K\x01(0.",
    "pop-mark": b"K\x01(NN1.",
    "proto-0": b"\x80\x00N.",
    "proto-5": b"\x80\x05N.",
    "frame": framed(b"N."),
    "frames-two": b"\x80\x04" + frame(b"]\x94(") + frame(b"NNe."),
    "frame-ends-with-empty-payload": b"\x80\x04" + frame(b"C\x00") + b".",
    "frame-ends-with-line-feed": b"\x80\x04" + frame(b"Va\n") + b".",
    "frame-and-bare": b"\x80\x04" + frame(b"]\x94(N") + b"Ne.",
    "none": b"N.",
    "newtrue": b"\x80\x02\x88.",
    "newfalse": b"\x80\x02\x89.",
    "int": b"I-42\n.",
    "int-bools": b"(I00\nI01\nt.",
    "int-4300-digits": b"I-" + b"9" * 4300 + b"\n.",
    "long": b"(L42L\nL0L\nL-7\nt.",
    "long-4300-digits": b"L" + b"1" * 4300 + b"L\n.",
    "binint": b"J\x00\x00\x00\x80.",
    "binint1": b"K\xff.",
    "binint2": b"M\xff\xff.",
    "long1": b"(\x8a\x00\x8a\x01\xff\x8a\x02\xff\x00\x8a\x09" + bytes(8) + b"\x01t.",
    "long1-not-minimal": b"(\x8a\x03\x01\x00\x00\x8a\x03\xff\xff\xfft.",
    "long4": b"\x8b" + u4(256) + bytes(255) + b"\x01.",
    "float": b"(F1.5\nF-0.0\nF1e+16\nF4.9406564584124654e-324\nF10000000000000000\nFinf\nF-inf\nFnan\nt.",
    "binfloat": b"(G\x3f\xf8" + bytes(6) + b"G\x80" + bytes(7) + b"t.",
    "binfloat-nans": b"(G\x7f\xf8" + bytes(6) + b"G\x7f\xf0" + bytes(5) + b"\x01G\xff\xff" + b"\xff" * 6 + b"t.",
    "string": b"(S'abc'\nS\"it's\"\nS''\nS'\\n\\x41\\101\\\\\\''\nt.",
    "string-octals": b"(S'\\7x'\nS'\\08'\nS'\\1234'\nS'\\18\\'\\0'\nt.",
    "binstring": b"T\x03\x00\x00\x00abc.",
    "short-binstring": b"U\x03a\x00c.",
    "unicode": b"(Vabc\\u20ac\\U0001f600\xe9\\x\\\\u0041\nV\nV\\ud83d\\ude00\nt.",
    "binunicode": b"X\x03\x00\x00\x00\xe2\x82\xac.",
    "short-binunicode": b"\x8c\x03\xed\xa0\x80.",
    "binunicode8": b"\x8d" + u8(4) + b"\xf0\x9f\x98\x80.",
    "binbytes": b"B\x02\x00\x00\x00.\xff.",
    "short-binbytes": b"C\x01..",
    "binbytes8": b"\x8e" + u8(1) + b"\x00.",
    "bytearray8": b"\x96" + u8(2) + b"ab.",
    "tuples": b"()K\x01\x85K\x01K\x02\x86K\x01K\x02K\x03\x87(tt.",
    "list": b"(K\x01K\x02l.",
    "append": b"]K\x01a.",
    "appends": b"](K\x01K\x02e.",
    "appends-empty": b"](e.",
    "dict": b"(K\x01K\x02d.",
    "setitem": b"}K\x01K\x02s.",
    "setitems": b"}(K\x01K\x02K\x03K\x04u.",
    "setitems-empty": b"}(u.",
    "sets": b"\x80\x04(\x8f(K\x01K\x02\x90\x8f(\x90(K\x01K\x01\x91(\x91t.",
    "memo-text": b"(lp0\ng0\n0.",
    "memo-binary": b"]q\x000h\x00.",
    "memo-long": b"]r\x00\x00\x00\x000j\x00\x00\x00\x00.",
    "memoize": b"\x80\x04]\x940h\x00.",
    "memo-gap": b"NNNN0000(lp3\n0g3\n.",
    "memo-survives-pop": b"]q\x000]h\x00a.",
    # names of a set, called as picklers call them
    "set-of-protocol-2@allow=plain": b"\x80\x02c__builtin__\nset\nq\x00]q\x01K\x01a\x85q\x02Rq\x03.",
    "set-of-protocol-0@allow=plain": b"c__builtin__\nset\np0\n((lp1\nI1\naI2\natp2\nRp3\n.",
    "frozenset-of-pypy@allow=plain": b"\x80\x03cbuiltins\nfrozenset\n(K\x01K\x02t\x85R.",
    "bytes-of-protocol-2@allow=plain": b"\x80\x02c_codecs\nencode\nq\x00X\x02\x00\x00\x00\xc3\xbfq\x01"
                                       b"X\x06\x00\x00\x00latin1q\x02\x86q\x03Rq\x04.",
    "bytes-empty@allow=plain": b"\x80\x02c__builtin__\nbytes\n)R.",
    "bytearray-of-python2@allow=plain": b"\x80\x02c__builtin__\nbytearray\nX\x01\x00\x00\x00aU\x07latin-1\x86R.",
    "bytearray-of-protocol-4@allow=plain": framed(b"\x8c\x08builtins\x94\x8c\x09bytearray\x94\x93\x94C\x01a\x94\x85R."),
    "class-fetched@allow=plain": b"\x80\x02(c__builtin__\nset\nq\x00]\x85Rh\x00]\x85Rt.",
    "cycle-of-two-in-tuple@allow-cycles@max-depth=3": CYCLE_OF_TWO + b"\x85.",
    "cycles-two-in-a-row@allow-cycles@max-depth=4": b"]q\x00]q\x01h\x00a" + b"]q\x02]q\x03h\x02aaaa.",
    "cycles-side-by-side@allow-cycles@max-depth=2": b"]q\x00h\x00a]q\x01h\x01a\x86.",
    # values that decoders get wrong
    "keys-alike": b"}(K\x01K\x0a\x88K\x14G\x3f\xf0" + bytes(6) + b"K\x1eu.",
    "keys-alike-bool-first": b"}(\x88K\x0aK\x01K\x14u.",
    "keys-zeros": b"}(G\x80" + bytes(7) + b"NK\x00\x88u.",
    "keys-2-to-53": b"}(\x8a\x07" + bytes(6) + b"\x20NG\x43\x40" + bytes(6) + b"\x88\x8a\x07\x01" + bytes(5)
                    + b"\x20Nu.",
    "keys-nan": b"}(G\x7f\xf8" + bytes(6) + b"K\x01G\x7f\xf8" + bytes(6) + b"K\x02u.",
    "keys-nan-one-tuple": b"}(G\x7f\xf8" + bytes(6) + b"\x85q\x00K\x01h\x00K\x02u.",
    "keys-str-bytes": b"}(\x8c\x01aK\x01C\x01aK\x02U\x01aK\x03u.",
    "keys-surrogates": b"}(\x8c\x06\xed\xa0\xbd\xed\xb8\x80N\x8c\x04\xf0\x9f\x98\x80Nu.",
    "keys-nested": b"}(K\x01K\x02\x86NG\x3f\xf0" + bytes(6) + b"K\x02\x86\x88(K\x01\x91N(\x88\x91\x89u.",
    "set-alike": b"\x8f(K\x01\x88G\x3f\xf0" + bytes(6) + b"\x90.",
    "shared-empties": b"()q\x00h\x00]q\x01h\x01(\x91q\x02h\x02}q\x03h\x03t.",
    "shared-bytearray": b"\x96" + u8(1) + b"aq\x00h\x00\x86.",
    "pickle-inside-bytes": b"C\x18" + CALL[:23] + b"..",
    "stop-inside-bytes": b"(C\x02..\x8c\x01.t.",
    "text-like-an-import": b"\x8c\x0eposix\nsystem\n\x20.",
}

UNSAFE = {
    "code-import": {
        "global-called": CALL + b".",
        "global-alone": SYSTEM + b".",
        "global-eval-of-python2": b"\x80\x02c__builtin__\neval\nU\x04exit\x85R.",
        "global-in-frame": framed(SYSTEM + b"\x8c\x02id\x85R."),
        "global-long-blank-name": b"c" + b"a b" * 300 + b"\nsystem\n.",
        "global-blank-name": b"c\n\n.",
        "global-line-feeds": b"cposix\n\nsystem\n.",
        "global-hostile-name": b"c\x1b[2Jposix\n\xe2\x80\xaesystem\r\x07\n.",
        "global-long-name": b"c" + b"m" * 400 + b"\n" + b"n" * 400 + b"\n.",
        "global-not-utf8": b"cpos\xffix\nsys\xc0\xaftem\n.",
        "global-dotted": b"\x80\x04cos\npath.os.system\n.",
        "inst": b"(S'id'\niposix\nsystem\n.",
        "inst-without-mark": b"iposix\nsystem\n.",
        "obj": b"(" + SYSTEM + b"S'id'\no.",
        "stack-global": framed(b"\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94."),
        "stack-global-binunicode": b"\x80\x04X\x05\x00\x00\x00posixX\x06\x00\x00\x00system\x93.",
        "stack-global-binunicode8": b"\x80\x04\x8d" + u8(5) + b"posix\x8d" + u8(6) + b"system\x93.",
        "stack-global-unicode": b"\x80\x04Vposix\nVsystem\n\x93.",
        "stack-global-unicode-escaped": b"\x80\x04V\\u0070osix\nVs\\u0079stem\n\x93.",
        "stack-global-string": b"\x80\x04S'posix'\nS\"system\"\n\x93.",
        "stack-global-string-escaped": b"\x80\x04S'po\\x73ix'\nS's\\171stem'\n\x93.",
        "stack-global-binstring": b"\x80\x04T\x05\x00\x00\x00posixT\x06\x00\x00\x00system\x93.",
        "stack-global-short-binstring": b"\x80\x04U\x05posixU\x06system\x93.",
        "stack-global-mixed": b"\x80\x04Vposix\nU\x06system\x93.",
        "stack-global-from-memo": b"\x80\x04\x8c\x05posix\x940\x8c\x06system\x940NN00h\x00h\x01\x93.",
        "stack-global-from-memo-get": b"\x8c\x05posixp0\n0\x8c\x06systemp1\n0g0\ng1\n\x93.",
        "stack-global-from-memo-long": b"Vposix\nr" + u4(0) + b"0Vsystem\nr" + u4(1) + b"0j" + u4(0) + b"j" + u4(1)
                                       + b"\x93.",
        "stack-global-memo-mixed-opcodes": b"\x8c\x04jsonq\x000\x8c\x05posix\x94\x8c\x05loads0\x8c\x06system\x93.",
        "stack-global-decoy-between": b"\x80\x04\x8c\x05posix\x8c\x06system\x8c\x04json\x8c\x05loads00\x93.",
        "stack-global-decoys-popped-by-mark": b"\x80\x04\x8c\x05posix\x8c\x06system(\x8c\x04json\x8c\x05loads1\x93.",
        "stack-global-far-from-names": b"\x80\x04\x8c\x05posix\x8c\x06system" + b"\x8c\x01x0" * 200 + b"\x93.",
        "stack-global-long-name": b"\x80\x04X\x2c\x01\x00\x00" + b"m" * 300 + b"\x8c\x01n\x93.",
        "stack-global-dotted": b"\x80\x04\x8c\x08builtins\x8c\x0deval.__call__\x93.",
        "stack-global-of-ints": b"\x80\x04K\x01K\x02\x93.",
        "stack-global-newobj": b"\x80\x04\x8c\x0asubprocess\x8c\x05Popen\x93\x8c\x02id\x85\x81.",
        "stack-global-newobj-ex": b"\x80\x04\x8c\x0asubprocess\x8c\x05Popen\x93)}\x92.",
        "reduce-popped": CALL + b"0N.",
        "reduce-popped-by-mark": b"N(" + CALL + b"1.",
        "reduce-then-build": CALL + b"}b.",
        "reduce-in-key": b"}" + CALL + b"Ns.",
        "reduce-after-plain-data": b"](K\x01K\x02K\x03e0" + CALL + b".",
        "reduce-after-8-kib": b"N0" * 4200 + CALL + b".",
        "build-on-allowed-object": b"ccollections\nOrderedDict\n)R}\x8c\x01xNsb.",
        "indirect-resolve-name": b"cpkgutil\nresolve_name\n(S'os:system'\ntR(S'id'\ntR.",
        "indirect-operator": b"c_operator\nattrgetter\n(S'system'\ntR(cos\n__dict__\ntR.",
        "indirect-marshal": b"ctypes\nFunctionType\n(cmarshal\nloads\n(S'c'\ntRtR.",
        "indirect-numpy-builtins": b"\x80\x04\x8c\x05numpy\x8c\x11__builtins__.eval\x93\x8c\x0411id\x85R.",
        "no-stop": CALL,
        "truncated-in-call": SYSTEM + b"(S'i",
        "garbage-after-call": CALL + b"\xff\xfe\xfd.",
        "unhashable-after-call": CALL + b"0}]Ns.",
        "second-proto-after-call": CALL + b"\x80\x63.",
        "after-number-line": b"I42\n0" + CALL + b".",
        "frame-longer-than-its-end": b"\x80\x04" + frame(STACK_SYSTEM + b".", 40) + b"N" * 40,
    },
    "code-arguments": {
        "set-of-tuple@allow=plain": b"\x80\x02c__builtin__\nset\nK\x01\x85\x85R.",
        "set-of-nothing@allow=plain": b"\x80\x02c__builtin__\nset\n)R.",
        "set-of-shared-list@allow=plain": b"\x80\x02(]q\x00c__builtin__\nset\nh\x00\x85Rt.",
        "bytes-of-int@allow=plain": b"\x80\x02c__builtin__\nbytes\nJ\x00\x00\x00\x7f\x85R.",
        "encode-with-another-codec@allow=plain": b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00a"
                                                 b"X\x05\x00\x00\x00rot13\x86R.",
        "encode-of-wide-text@allow=plain": b"\x80\x02c_codecs\nencode\nX\x02\x00\x00\x00\xc4\x80"
                                           b"X\x06\x00\x00\x00latin1\x86R.",
        "arguments-are-a-list@allow=plain": b"\x80\x02c__builtin__\nset\n]]aR.",
        "arguments-fetched@allow=plain": b"\x80\x02(K\x01\x85q\x00c__builtin__\nfrozenset\nh\x00\x85Rt.",
        "text-copied-again-and-again@allow=plain":
            b"\x80\x02c_codecs\nencode\nq\x00X\x00\x10\x00\x00" + b"a" * 4096
            + b"q\x01X\x06\x00\x00\x00latin1q\x02\x86R(" + b"h\x00h\x01h\x02\x86R" * 9 + b"t.",
    },
    "code-value": {
        "class-in-list@allow=plain": b"\x80\x02]c__builtin__\nset\na.",
        "class-as-key@allow=plain": b"\x80\x02}c__builtin__\nset\nNs.",
        "class-alone@allow=plain": b"\x80\x02c__builtin__\nset\n.",
        "class-dropped@allow=plain": b"\x80\x02Nc__builtin__\nset\n0.",
        "class-dropped-to-mark@allow=plain": b"\x80\x02N(c__builtin__\nset\n1.",
        "class-as-argument@allow=plain": b"\x80\x02c__builtin__\nset\n]c__builtin__\nset\na\x85R.",
        "class-appended-to@allow=plain": b"\x80\x02c__builtin__\nset\nNa.",
        "arguments-in-list@allow=plain": b"\x80\x02c__builtin__\nset\n]\x85a.",
    },
    "memo-argument": {
        "list-of-set@allow=plain": b"\x80\x02c__builtin__\nset\n]q\x00\x85R0h\x00.",
        "list-of-set-by-its-second-name@allow=plain": b"\x80\x02c__builtin__\nset\n]q\x01q\x00\x85R0h\x00.",
        "tuple-of-call@allow=plain": b"\x80\x02c__builtin__\nset\n]\x85q\x00R0h\x00.",
        "tuple-of-frozenset@allow=plain": b"\x80\x02c__builtin__\nfrozenset\n(K\x01tq\x00\x85R0h\x00.",
    },
    "code-call": {
        "reduce-of-ints": b"K\x01)R.",
        "obj-of-ints": b"(K\x01o.",
        "newobj": b"\x80\x02K\x01)\x81.",
        "newobj-ex": b"\x80\x04K\x01)}\x92.",
    },
    "code-state": {
        "build-of-dict": b"}}b.",
        "build-of-none": b"NNb.",
    },
    "code-extension": {
        "ext1": b"\x80\x02\x82\x01.",
        "ext2": b"\x80\x02\x83\x00\x01.",
        "ext4": b"\x80\x02\x84\x00\x00\x01\x00.",
        "ext4-negative": b"\x80\x02\x84\xff\xff\xff\xff.",
    },
    "code-persistent": {
        "persid": b"Pposix.system\n.",
        "persid-empty": b"P\n.",
        "persid-long": b"P" + b"n" * 600 + b"\n.",
        "binpersid": b"\x8c\x03abcQ.",
    },
    "buffer": {
        "next-buffer": b"\x80\x05\x97.",
        "readonly-buffer": b"\x80\x05\x96" + u8(1) + b"a\x98.",
    },
}

MALFORMED = {
    "truncated": {
        "proto-alone": b"\x80",
        "proto-only": b"\x80\x04",
        "no-stop": b"N",
        "number-line": b"I12",
        "float-line": b"F1.",
        "get-line": b"]p0\ng",
        "string-line": b"S'abc'",
        "unicode-line": b"Vabc",
        "fixed-operand": b"J\x01\x02\x03",
        "binfloat": b"G\x00\x00",
        "length": b"X\x01\x00",
        "truncated-in-long-name": b"c" + b"\x01" * 600,
        "payload": b"X\x05\x00\x00\x00abc",
        "payload-utf8": b"\x8c\x02\xc3",
        "bytes-8": b"\x8e" + u8(10) + b"abc",
        "long1": b"\x8a\x05\x01\x02",
        "mark": b"(",
        "frame-header": b"\x80\x04\x95\x02\x00",
        "frame-longer-than-input": b"\x80\x04" + frame(b"N", 3),
        "only-pops": b"N0",
        "truncated-in-module": b"cposi",
        "truncated-in-name": b"cposix\nsys",
        "truncated-in-ext1": b"\x80\x02\x82",
        "truncated-in-persid": b"Pposi",
        "bytes-claim-2-to-62": b"\x8e" + u8(2 ** 62) + b"abc",
        "str-claims-2-to-62": b"\x8d" + u8(2 ** 62) + b"abc",
        "bytearray-claims-2-to-62": b"\x96" + u8(2 ** 62) + b"abc",
        "frame-claims-2-to-62": b"\x80\x04" + frame(b"N", 2 ** 62),
        "str-claims-4-gib": b"X\xff\xff\xff\xff.",
        "long4-claims-more-than-1-mib": b"\x8b" + u4(2 ** 20 + 1) + b"\x00",
        "long4-claims-2-gib": b"\x8b\xff\xff\xff\x7f\x00",
    },
    "empty": {
        "empty": b"",
    },
    "bad-opcode": {
        "nul": b"\x00.",
        "line-feed": b"\n.",
        "blank": b"N .",
        "ff": b"\xff.",
        "byte-99": b"\x80\x05\x99.",
        "carriage-return-after-line": b"I1\n\r.",
        "persid-like-zip-later": b"N0A.",
    },
    "bad-length": {
        "binstring-negative": b"T\xff\xff\xff\xffabc.",
        "long4-negative": b"\x8b\xff\xff\xff\xff\x01.",
    },
    "bad-utf8": {
        "overlong": b"\x8c\x02\xc0\x80.",
        "overlong-3": b"\x8c\x03\xe0\x80\x80.",
        "overlong-4": b"\x8c\x04\xf0\x80\x80\x80.",
        "over-10ffff": b"\x8c\x04\xf4\x90\x80\x80.",
        "lone-continuation": b"X\x01\x00\x00\x00\x80.",
        "cut-short": b"\x8c\x02\xe2\x82.",
        "surrogate-cut-short": b"\x8c\x05\xed\xa0\xed\xa0\x80.",
        "latin1": b"\x8d" + u8(4) + b"caf\xe9.",
        "ff": b"\x8c\x01\xff.",
    },
    "bad-escape": {
        "string-short-hex": b"S'\\x4'\n.",
        "string-hex-of-letters": b"S'\\xgg'\n.",
        "unicode-short": b"V\\u12\n.",
        "unicode-long-short": b"V\\U0001f60\n.",
        "unicode-over-10ffff": b"V\\U00110000\n.",
    },
    "bad-quotes": {
        "none": b"Sabc\n.",
        "empty-line": b"S\n.",
        "one": b"S'\n.",
        "different": b"S'abc\"\n.",
        "last-one-escaped": b"S'abc\\'\n.",
        "blank-behind": b"S'abc' \n.",
    },
    "not-ascii": {
        "string-raw": b"S'caf\xe9'\n.",
        "string-escaped": b"S'caf\\xe9'\n.",
        "string-octal": b"S'\\200'\n.",
        "binstring": b"T\x02\x00\x00\x00\xc3\xa9.",
        "short-binstring": b"U\x01\x80.",
    },
    "stack-underflow": {
        "stop-of-nothing": b".",
        "pop-of-nothing": b"0.",
        "tuple1-of-nothing": b"\x85.",
        "tuple3-of-two": b"NN\x87.",
        "tuple2-across-mark": b"N(N\x86.",
        "append-of-one": b"]a.",
        "append-across-mark": b"](Na.",
        "setitem-of-two": b"}Ns.",
        "appends-of-nothing": b"(Ne.",
        "appends-below-mark": b"((Ne.",
        "put-of-nothing": b"p0\n.",
        "memoize-of-mark": b"\x80\x04(\x94.",
        "stop-of-mark": b"(.",
        "stack-global-of-nothing": b"\x80\x04\x93.",
        "stack-global-across-mark": b"\x80\x04\x8c\x05posix(\x8c\x06system\x93.",
        "reduce-of-nothing": b"R.",
        "build-of-nothing": b"b.",
        "binpersid-of-nothing": b"Q.",
        "newobj-of-one": b"\x80\x02K\x01\x81.",
        "newobj-ex-of-two": b"\x80\x04K\x01)\x92.",
        "dup-of-nothing": b"2.",
        "readonly-buffer-of-nothing": b"\x80\x05\x98.",
        "obj-of-mark": b"(o.",
    },
    "no-mark": {
        "tuple": b"Nt.",
        "list": b"l.",
        "dict": b"d.",
        "appends": b"]Ne.",
        "setitems": b"}NNu.",
        "additems": b"\x8fN\x90.",
        "frozenset": b"N\x91.",
        "pop-mark": b"N1.",
        "obj-without-mark": b"No.",
    },
    "odd-items": {
        "dict": b"(NNNd.",
        "setitems": b"}(Nu.",
    },
    "bad-target": {
        "append-to-none": b"NNa.",
        "append-to-tuple": b")Na.",
        "append-to-dict": b"}Na.",
        "appends-to-set": b"\x8f(Ne.",
        "setitem-of-set": b"\x8fNNs.",
        "setitems-of-str": b"\x8c\x01a(NNu.",
        "additems-to-frozenset": b"(\x91(N\x90.",
        "additems-to-list": b"](N\x90.",
    },
    "unhashable": {
        "key-list": b"}]Ns.",
        "key-dict": b"}}Ns.",
        "key-set": b"}\x8fNs.",
        "key-bytearray": b"}\x96" + u8(1) + b"aNs.",
        "key-tuple-of-list": b"}]\x85\x85Ns.",
        "key-of-dict-opcode": b"(]Nd.",
        "key-second": b"}(NN]Nu.",
        "member-of-set": b"\x8f(]\x90.",
        "member-of-frozenset": b"(K\x01]\x91.",
    },
    "memo-missing": {
        "get": b"g0\n.",
        "binget": b"h\x05.",
        "long-binget": b"j\xff\xff\xff\xff.",
        "in-a-gap": b"NNNN0000(lp3\n0g2\n.",
        "second-dump-of-a-pickler": b"\x80\x02h\x00.",
        "of-64-bits": b"g18446744073709551616\n.",
    },
    "bad-protocol": {
        "6": b"\x80\x06N.",
        "255": b"\x80\xffN.",
    },
}

LIMITS = {
    "limit-depth": {
        "lists": b"]" * 1001 + b"a" * 1000 + b".",
        "tuples": b")" + b"\x85" * 1001 + b".",
        "cycle-of-two-in-tuple@allow-cycles@max-depth=2": CYCLE_OF_TWO + b"\x85.",
        "cycles-two-in-a-row@allow-cycles@max-depth=3": b"]q\x00]q\x01h\x00a" + b"]q\x02]q\x03h\x02aaaa.",
        "cycles-side-by-side@allow-cycles@max-depth=1": b"]q\x00h\x00a]q\x01h\x01a\x86.",
        "marks": b"(" * 10000,
        "dicts": b"}N" * 1001 + b"Ns" + b"s" * 1000 + b".",
    },
    "limit-expansion": {
        "billion-laughs-value": b"]" + b"".join(b"q" + bytes([i]) + b"0]h" + bytes([i]) + b"ah" + bytes([i]) + b"a"
                                                for i in range(40)) + b".",
        "billion-laughs-cycle@allow-cycles": b"]q\x00h\x00a" + b"".join(
            b"q" + bytes([i]) + b"0]h" + bytes([i]) + b"ah" + bytes([i]) + b"a" for i in range(1, 40)) + b".",
        "billion-laughs-tuples": b"N\x85" + b"".join(b"q" + bytes([i]) + b"h" + bytes([i]) + b"\x86"
                                                     for i in range(40)) + b".",
    },
    "limit-key-expansion": {
        "billion-laughs-key": b"})" + b"".join(b"q" + bytes([i]) + b"h" + bytes([i]) + b"\x86"
                                               for i in range(28)) + b"Ns.",
        "billion-laughs-member": b"\x8f()" + b"".join(b"q" + bytes([i]) + b"h" + bytes([i]) + b"\x86"
                                                      for i in range(28)) + b"\x90.",
    },
    "limit-key-depth": {
        "tuples": b"})" + b"\x85" * 101 + b"Ns.",
        "frozensets": b"(" * 102 + b"\x91" * 102 + b"N(h\x00\x91.",
    },
    "limit-int": {
        "long1@max-int-bytes=4": b"\x8a\x05\x01\x02\x03\x04\x05.",
        "long4@max-int-bytes=4": b"\x8b" + u4(2 ** 31 - 1) + b"12345",
    },
    "limit-unpacked": {
        "list@max-unpacked=100": b"](" + b"N" * 100 + b"e.",
        "str-claims-4-gib@max-unpacked=10": b"X\xff\xff\xff\xff123456",
    },
    "limit-memo": {
        "five@max-memo=4": b"N" + b"".join(b"]q" + bytes([i]) + b"0" for i in range(5)) + b".",
    },
    "limit-alloc": {
        "items@max-alloc=256K": b"(" + b"N" * 100000 + b"t.",
    },
    "limit-input": {
        "list@max-input=100": b"](" + b"N" * 100 + b"e.",
    },
}

POLICY = {
    "trailing-bytes": {
        "nul": b"N.\x00",
        "second-cut": b"\x80\x04N.\x80",
        "junk": b"N.junk",
        "stop-in-frame": b"\x80\x04" + frame(b"N.", 2) + b"x",
        "two-line-feeds": b"N.\n\n",
        "text": b"N.This is text, and no pickle",
        "pickle-cut": b"N.(lp0\nI1\na",
    },
    "several-pickles": {
        "two": b"\x80\x04N.\x80\x04N.",
        "second-is-evil": b"\x80\x04N." + b"\x80\x04" + STACK_SYSTEM + b".",
        "protocol-0": b"I1\n.I2\n.",
        "protocol-0-list": b"(lp0\nI1\na.(lp0\nI2\na.",
        "protocol-1": b"]q\x00K\x01a.]q\x00K\x02a.",
        "protocol-0-evil": b"N." + CALL + b".",
    },
    "trailing-newline": {
        "line-feed": b"N.\n",
        "carriage-return": b"N.\r\n",
    },
    "cycle": {
        "list": b"]q\x00h\x00a.",
        "dict": b"}q\x00K\x01h\x00s.",
        "through-tuple": b"]q\x00h\x00\x85a.",
        "changed-after-stored": b"]]q\x00ah\x00Na.",
        "around-two": b"]q\x00]q\x01h\x00aa.",
        "deep-top-down": b"]q\x00" + b"".join(b"]q" + bytes([i + 1]) + b"ah" + bytes([i + 1])
                                              for i in range(200)) + b".",
    },
    "dup": {
        "list": b"]2a.",
        "none": b"N20.",
    },
    "proto-place": {
        "twice": b"\x80\x04\x80\x04N.",
        "later": b"N\x80\x02.",
        "in-frame": b"\x80\x04" + frame(b"\x80\x04N."),
    },
    "number-form": {
        "int-octal": b"I010\n.",
        "int-hex": b"I0x10\n.",
        "int-plus": b"I+1\n.",
        "int-minus-zero": b"I-0\n.",
        "int-blank": b"I 1\n.",
        "int-underscore": b"I1_000\n.",
        "int-empty": b"I\n.",
        "int-nul": b"I42\x00junk\n.",
        "int-nul-before-import": b"I1\x00" + SYSTEM + b".",
        "int-4301-digits": b"I" + b"1" * 4301 + b"\n.",
        "int-without-end": b"I" + b"1" * 10000,
        "long-octal": b"L010L\n.",
        "long-two-l": b"L5LL\n.",
        "long-nul": b"L5\x00L\n.",
        "long-4301-digits": b"L" + b"9" * 4301 + b"L\n.",
        "float-blank": b"F 1.5\n.",
        "float-underscore": b"F1_0.5\n.",
        "float-nul": b"F1.5\x00junk\n.",
        "float-hex": b"F0x1p3\n.",
        "float-comma": b"F1,5\n.",
        "float-infinity": b"Finfinity\n.",
        "float-long": b"F0." + b"1" * 40 + b"\n.",
        "put-nul": b"Np1\x00x\n.",
        "put-leading-zero": b"Np00\n.",
        "put-negative": b"Np-1\n.",
        "put-more-than-64-bits": b"Np99999999999999999999999\n.",
        "get-nul": b"]p0\n0g0\x00x\n.",
        "get-plus": b"]p0\n0g+0\n.",
    },
    "crlf": {
        "list": b"(lp0\r\nI1\r\na.",
        "string": b"S'a'\r\n.",
        "float": b"F1.5\r\n.",
        "get": b"Np0\n0g0\r\n.",
    },
    "float-range": {
        "1e400": b"F1e+400\n.",
        "over-max": b"F1.7976931348623159e+308\n.",
    },
    "odd-escape": {
        "unknown": b"S'\\q'\n.",
        "u": b"S'\\u0041'\n.",
        "octal-over-377": b"S'\\477'\n.",
    },
    "frame-empty": {
        "zero": b"\x80\x04" + frame(b"") + b"N.",
    },
    "frame-nested": {
        "inner": b"\x80\x04" + frame(frame(b"N.")),
        "last-thing": b"\x80\x04" + frame(b"\x95" + u8(2)) + b"N.",
    },
    "frame-crossed": {
        "in-number-line": b"\x80\x04" + frame(b"I12") + b"3\n.",
        "between-opcode-and-operand": b"\x80\x04" + frame(b"]\x94K") + b"\x01a.",
        "in-operand": b"\x80\x04" + frame(b"M\x01") + b"\x02.",
        "in-payload": b"\x80\x04" + frame(b"C\x03ab") + b"c.",
        "int-last-in-frame": b"\x80\x04" + frame(b"I") + b"1\n.",
        "float-last-in-frame": b"\x80\x04" + frame(b"F") + b"1.5\n.",
        "string-last-in-frame": b"\x80\x04" + frame(b"S") + b"'a'\n.",
        "unicode-last-in-frame": b"\x80\x04" + frame(b"V") + b"a\n.",
        "unicode-line-feed-behind-frame": b"\x80\x04" + frame(b"Va") + b"\n.",
        "put-last-in-frame": b"\x80\x04" + frame(b"Np") + b"0\n.",
        "get-last-in-frame": b"\x80\x04" + frame(b"]q\x000g") + b"0\n.",
        "binfloat-last-in-frame": b"\x80\x04" + frame(b"G") + bytes(8) + b".",
        "short-binbytes-last-in-frame": b"\x80\x04" + frame(b"C") + b"\x01a.",
        "payload-behind-frame": b"\x80\x04" + frame(b"C\x01") + b"a.",
        "in-length": b"\x80\x04" + frame(b"\x8d" + u8(8)[:4]) + u8(8)[4:] + b"abcdefgh.",
        "hides-import": b"\x80\x04" + frame(b"B\x0a") + b"\x01\x00\x00" + b"\x00\x00(cbuiltins\nlen\n1N."
                        + b"N" * 247 + b".",
        "hides-import-after-8-kib": b"\x80\x04" + b"N0" * 4090 + frame(b"B\x0a") + b"\x01\x00\x00"
                                    + b"\x00\x00(cbuiltins\nlen\n1N." + b"N" * 247 + b".",
    },
    "frame-overlong": {
        "stop-before-its-end": b"\x80\x04" + frame(b"N.NNN."),
        "frame-claims-2-to-62": b"\x80\x04" + frame(b"N.", 2 ** 62),
    },
    "stack-leftover": {
        "two": b"NN.",
        "below": b"](Ne)(N1.",
    },
    "mark-leftover": {
        "one": b"(N.",
        "below": b"N(N.",
    },
    "odd-target": {
        "append-to-bytearray": b"\x96" + u8(1) + b"aK\x01a.",
        "setitem-of-list": b"(Nl" + b"K\x00K\x01s.",
        "setitem-of-bytearray": b"\x96" + u8(1) + b"aK\x00K\x01s.",
        "empty-appends-to-int": b"K\x01(e.",
        "empty-setitems-of-int": b"K\x01(u.",
        "empty-additems-to-list": b"](\x90.",
    },
    "memo-index": {
        "2-to-31": b"Nr\x00\x00\x00\x80.",
        "all-ones": b"Nr\xff\xff\xff\xff.",
        "text": b"Np100000000\n.",
        "text-64-bits": b"Np18446744073709551615\n.",
        "one-more-than-offset": b"Nq\x02.",
    },
    "memo-rewritten": {
        "put": b"]q\x00q\x00.",
        "names-swapped-before-import": b"\x8c\x04jsonq\x000\x8c\x05posixq\x00\x8c\x06system\x93.",
    },
    "memo-order": {
        "memoize-after-gap": b"NNNNq\x03\x94.",
        "memoize-onto-an-entry": b"NNq\x01\x94.",
        "sparse-differ": b"(K\x00q\x01K\x01\x94t.",
    },
    "memo-nan": {
        "binfloat": b"G\x7f\xf8" + bytes(6) + b"q\x00.",
        "float": b"Fnan\nq\x00.",
    },
}

REFUSED = [UNSAFE, MALFORMED, LIMITS, POLICY]


def samples():
    for name, data in ACCEPTED.items():
        yield "accept/hand-%s.pickle" % name, data
    for group in REFUSED:
        for reason, cases in group.items():
            for name, data in cases.items():
                yield "refuse/%s/hand-%s.pickle" % (reason, name), data
    for reason, cases in UNSAFE.items():
        for name, data in cases.items():
            yield "refuse/%s/hand-%s.pickle.gz" % (reason, name), member(data)
