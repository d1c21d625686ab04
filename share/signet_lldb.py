# SPDX-License-Identifier: BSL-1.0
"""How lldb shows values of signet, by the printers of signet-gdb.py beside this file. In lldb, or in ~/.lldbinit:
command script import /usr/share/signet/signet_lldb.py
"""
import importlib.util
import pathlib

import lldb

spec = importlib.util.spec_from_file_location("signet_printers", pathlib.Path(__file__).with_name("signet-gdb.py"))
shared = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shared)


class Value:
    """As much of gdb.Value as the printers use."""

    def __init__(self, value):
        self.value = value.GetNonSyntheticValue()

    def __getitem__(self, member):
        if isinstance(member, str):
            return Value(self.value.GetChildMemberWithName(member))
        return Value(self.value.GetChildAtIndex(member, lldb.eNoDynamicValues, True))  # of a pointer

    def __int__(self):
        signed = self.value.GetType().GetTypeFlags() & lldb.eTypeIsSigned
        return self.value.GetValueAsSigned() if signed else self.value.GetValueAsUnsigned()

    def __bool__(self):
        return int(self) != 0

    def __sub__(self, other):
        return self.value.GetValueAsUnsigned() - other.value.GetValueAsUnsigned()  # of pointers to octets

    def __str__(self):
        return self.value.GetSummary() or self.value.GetValue() or "{...}"


def enumerator_of(number, name, beside):
    scope = beside.value.GetType().GetUnqualifiedType().GetName().split("::result<", 1)[0]
    members = beside.value.GetTarget().FindFirstType(f"{scope}::{name}").GetEnumMembers()
    names = [members[i].GetName() for i in range(members.GetSize()) if members[i].GetValueAsUnsigned() == number]
    return names[0] if names else f"({number})"


shared.base = lambda value: Value(value.value.GetChildAtIndex(0))
shared.has = lambda value, name: value.value.GetChildMemberWithName(name).IsValid()
shared.enumerator = lambda value: value.value.GetValue()
shared.enumerator_of = enumerator_of


def summary_by(printer):
    def summary(value, _):
        printed = printer(Value(value))
        children = [str(child) for _, child in printed.children()] if hasattr(printed, "children") else []
        return " = ".join([printed.to_string(), *children])

    return summary


def __lldb_init_module(debugger, _):
    for i, (_, pattern, printer) in enumerate(reversed(shared.PRINTERS)):  # the one that came last is asked first
        globals()[f"summary_{i}"] = summary_by(printer)
        debugger.HandleCommand(f'type summary add --category signet --regex "{pattern}" --python-function {__name__}.summary_{i}')
    debugger.HandleCommand("type category enable signet")
