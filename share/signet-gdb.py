# SPDX-License-Identifier: BSL-1.0
"""How gdb shows values of signet. In gdb, or in ~/.gdbinit: source /usr/share/signet/signet-gdb.py

A result is its value or its error, an error its name, what it is about and where. A time is a date. Of a secret only the
size is shown; of octets the first 16.
"""
import datetime

try:
    import gdb
    import gdb.printing
except ImportError:
    gdb = None  # signet_lldb.py has taken these printers for lldb

SHOWN_OCTETS = 16


def enumerator(value):
    """The name of an enumerator without its scope; "(77)" for a value that is none."""
    text = str(value)
    return text.rsplit("::", 1)[-1] if "::" in text else f"({int(value)})"


def enumerator_of(number, name, beside):
    """The same for a number. The type's namespace is that of `beside`: an inline one, whose name says the version."""
    type_of = gdb.lookup_type(beside.type.strip_typedefs().name.split("::result<", 1)[0] + "::" + name)
    return enumerator(gdb.Value(number).cast(type_of))


def base(value):
    return value.cast(value.type.fields()[0].type)


def error_text(code, about, at):
    return " ".join([code, *([about] if about else []), *([f"at {at}"] if at else [])])


class ErrorPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        about = self.value["about"]
        return error_text(enumerator(self.value["code"]), int(about) and enumerator(about), int(self.value["at"]))


class ResultPrinter:
    def __init__(self, value):
        self.value = value
        self.has = bool(value["has_"])

    def to_string(self):
        return "a value" if self.has else f"error {ErrorPrinter(self.value['error_']).to_string()}"

    def children(self):
        if self.has:
            yield "value", self.value["value_"]


class VoidResultPrinter:
    """One word: the parts of an error, or a bit alone for success."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        word = int(self.value["word_"])
        if word >> 63:
            return "success"
        code, about = word >> 16 & 0xFFFF, word >> 32 & 0xFF
        return "error " + error_text(enumerator_of(code, "errc", self.value),
                                     about and enumerator_of(about, "field_name", self.value), word & 0xFFFF)


class SecretPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        octets = self.value["octets_"]
        if has(octets, "__end_"):  # libc++
            size = int(octets["__end_"] - octets["__begin_"])
        else:
            size = int(octets["_M_impl"]["_M_finish"] - octets["_M_impl"]["_M_start"])
        return f"a secret of {size} octets"


class TimePrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        duration = self.value["__d"] if has(self.value, "__d") else self.value["__d_"]
        seconds = int(duration["__r"] if has(duration, "__r") else duration["__rep_"])
        if not 0 <= seconds <= 253_402_300_799:
            return f"@{seconds}"
        return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


class OctetsPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        if has(self.value, "_M_ptr"):
            start, size = self.value["_M_ptr"], int(self.value["_M_extent"]["_M_extent_value"])
        else:
            start, size = self.value["__data_"], int(self.value["__size_"])
        shown = " ".join(f"{int(start[i]):02x}" for i in range(min(size, SHOWN_OCTETS)))
        more = " ..." if size > SHOWN_OCTETS else ""
        return f"{size} octets" + (f": {shown}{more}" if size else "")


def has(value, name):
    return any(field.name == name for field in value.type.strip_typedefs().fields())


SCOPE = "^signet::(v[0-9a-z_]+::)?"
PRINTERS = [
    ("error", SCOPE + "error$", ErrorPrinter),
    ("result of nothing", SCOPE + "result<void>$", VoidResultPrinter),
    ("result", SCOPE + "result<.*>$", ResultPrinter),
    ("bool_result", SCOPE + "bool_result$", lambda value: ResultPrinter(base(value))),
    ("secret", SCOPE + "secret$", SecretPrinter),
    ("unix_time",
     r"^std::(__1::)?chrono::time_point<std::(__1::)?chrono::(_V2::)?system_clock, std::(__1::)?chrono::duration<long( long)?, std::(__1::)?ratio<1l*, 1l*> ?> ?>$",
     TimePrinter),
    ("octets", r"^std::(__1::)?span<(unsigned char const|const unsigned char), [0-9]+(ul)?>$", OctetsPrinter),
]

if gdb:
    all_printers = gdb.printing.RegexpCollectionPrettyPrinter("signet")
    for printer in PRINTERS:
        all_printers.add_printer(*printer)
    gdb.printing.register_pretty_printer(gdb.current_objfile(), all_printers, replace=True)
