#!/usr/bin/env python3
"""Proves what a compiler's object code of x86_64.hpp, and of the field operations made of it, computes for all inputs.

usage: prove_compiled.py COMPILER [TEXT]    compiles compiled.cpp with -O2; only functions whose name contains TEXT
       --first stops at the first that fails
The instructions, as objdump prints them, are followed over the words of kernel.py. Every register, flag and octet of memory
is unknown until it is written. Each function is proved once more where the result replaces an operand. Ends in "N passed,
N failed".
"""
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kernel import Kernel, Unproven, Unsound, Word
from theorems import (ADD, ADD_25519, FOLD_25519, MULTIPLY, P256, SQUARE, SUBTRACT, SUBTRACT_25519, modular_add, modular_product,
                      modular_square, modular_subtract, PRODUCT_25519, SQUARE_25519, reduction)

HERE = Path(__file__).resolve().parent

# What each function takes (rdi, rsi, rdx), what it returns in rax, and what holds.
FUNCTIONS = {
    "asm_add": ("r a b", "carry", ADD), "asm_subtract": ("r a b", "borrow", SUBTRACT),
    "asm_multiply": ("t a b", "", MULTIPLY), "asm_square": ("t a", "", SQUARE),
    "asm_add_mod_25519": ("r a b", "", ADD_25519), "asm_subtract_mod_25519": ("r a b", "", SUBTRACT_25519),
    "asm_reduce_mod_25519": ("r t", "", FOLD_25519),
    "asm_add_mod_p256": ("r a b", "", modular_add(P256)), "asm_subtract_mod_p256": ("r a b", "", modular_subtract(P256)),
    "asm_reduce_mod_p256": ("r t", "", reduction(P256)),
    "ed25519_add": ("r a b", "", ADD_25519), "ed25519_subtract": ("r a b", "", SUBTRACT_25519),
    "ed25519_multiply": ("r a b", "", PRODUCT_25519), "ed25519_square": ("r a", "", SQUARE_25519),
    "p256_add": ("r a b", "", modular_add(P256)), "p256_subtract": ("r a b", "", modular_subtract(P256)),
    "p256_multiply": ("r a b", "", modular_product(P256)), "p256_square": ("r a", "", modular_square(P256)),
}
WORDS = {"r": 4, "t": 8}

REGISTERS = ["rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", *(f"r{i}" for i in range(8, 16))]
HALVES = {f"e{r[1:]}": r for r in REGISTERS[:8]} | {f"r{i}d": f"r{i}" for i in range(8, 16)}
LOWEST = {f"{r[1]}l": r for r in REGISTERS[:4]} | {"sil": "rsi", "dil": "rdi", "bpl": "rbp"} | {f"r{i}b": f"r{i}" for i in range(8, 16)}


def disassembled(path):
    """name -> instructions as [operation, operand...]; a call's operand is the function's name."""
    functions, current = {}, None
    for line in subprocess.run(["objdump", "-dr", "--no-show-raw-insn", "-M", "intel", path], capture_output=True, text=True, check=True).stdout.splitlines():
        if found := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            current = functions.setdefault(found[1], [])
        elif found := re.match(r"\s+[0-9a-f]+: R_X86_64_\w+\s+(\S+)-0x4$", line):
            current[-1] = [current[-1][0], found[1]]
        elif found := re.match(r"\s+[0-9a-f]+:\s+(\S+)\s*(.*)$", line):
            current.append([found[1], *(x.strip() for x in found[2].split("#")[0].split(","))])
    return functions


class Pointer:
    def __init__(self, region, offset):
        self.region, self.offset = region, offset


class Xor:
    """x ^ y, where (x ^ y) & mask ^ y is how a compiler selects."""
    def __init__(self, x, y):
        self.x, self.y = x, y


class Machine:
    def __init__(self, kernel, functions):
        self.kernel, self.functions = kernel, functions
        self.registers = dict.fromkeys(REGISTERS)
        self.registers["rsp"] = Pointer("stack", 0)
        self.vectors = {}
        self.memory = {}  # (region, offset) -> word
        self.carry = None

    def address(self, text):
        found = re.match(r"(?:(?:QWORD|DWORD|XMMWORD) PTR )?\[(\w+)(?:([+-]0x[0-9a-f]+))?\]$", text)
        if not found:
            raise Unproven("operand " + text)
        base = self.registers[found[1]]
        if not isinstance(base, Pointer):
            raise Unproven(f"{text} leads nowhere")
        return base.region, base.offset + int(found[2] or "0", 16)

    def get(self, text):
        if text in HALVES:
            value = self.get(HALVES[text])
            return self.kernel.cut(value, 32)[1] if value.high >> 32 else value
        if text in LOWEST:
            value = self.get(LOWEST[text])
            return self.kernel.cut(value, 8)[1] if value.high >> 8 else value
        if text in self.registers:
            value = self.registers[text]
        elif re.match(r"-?0x[0-9a-f]+$", text):
            return self.kernel.constant(int(text, 16) % 2**64)
        else:
            value = self.memory.get(self.address(text))
        if value is None:
            raise Unproven(f"{text} is read before it is written")
        return value

    def put(self, text, value):
        if text in HALVES: # clears the upper half
            if isinstance(value, Pointer):
                raise Unproven("half of a pointer")
            self.registers[HALVES[text]] = value if 0 <= value.low and value.high < 2**32 else self.kernel.cut(value, 32)[1]
        elif text in LOWEST:
            old = self.registers[LOWEST[text]]
            if old is None or old.high >= 256 or value.high >= 256:
                raise Unproven("an octet of a register whose others are unknown")
            self.registers[LOWEST[text]] = value
        elif text in self.registers:
            self.registers[text] = value
        else:
            self.memory[self.address(text)] = value

    def known_carry(self):
        if self.carry is None:
            raise Unproven("the carry flag is read and unknown")
        return self.carry

    def call(self, name):
        if name not in self.functions:
            raise Unproven("calls " + name)
        for operation, *operands in self.functions[name]:
            self.kernel.step += 1
            if operation == "ret":
                return
            self.follow(operation, operands)
        raise Unproven("no ret")

    def follow(self, operation, o):
        k, one = self.kernel, self.kernel.constant(1)
        if operation in ("nop", "nopw", "data16", "cs", "endbr64") or (operation == "xchg" and o[0] == o[1]):
            return
        if operation == "call":
            stack = self.registers["rsp"]
            self.registers["rsp"] = Pointer("stack", stack.offset - 8) # the return address
            self.call(o[0])
            if self.registers["rsp"].offset != stack.offset - 8:
                raise Unproven("the stack pointer is not what it was")
            self.registers["rsp"], self.carry = stack, None
        elif operation == "push":
            at = self.registers["rsp"].offset - 8
            self.registers["rsp"] = Pointer("stack", at)
            self.memory["stack", at] = self.registers[o[0]]
        elif operation == "pop":
            at = self.registers["rsp"].offset
            self.registers[o[0]] = self.memory["stack", at]
            self.registers["rsp"] = Pointer("stack", at + 8)
        elif operation in ("mov", "movabs"):
            self.put(o[0], self.get(o[1]))
        elif operation in ("movups", "movaps", "movdqu", "movdqa"):
            if o[0].startswith("xmm"):
                region, at = self.address(o[1])
                self.vectors[o[0]] = self.memory[region, at], self.memory[region, at + 8]
            else:
                region, at = self.address(o[0])
                self.memory[region, at], self.memory[region, at + 8] = self.vectors[o[1]]
        elif operation == "xorps" and o[0] == o[1]:
            self.vectors[o[0]] = k.constant(0), k.constant(0)
        elif operation in ("xor", "sub") and o[0] == o[1]:
            self.put(o[0], k.constant(0))
            self.carry = k.constant(0)
        elif operation in ("add", "sub") and isinstance(self.get(o[0]), Pointer):
            base, by = self.get(o[0]), self.get(o[1])
            by = by.low - 2**64 if by.low >> 63 else by.low
            self.put(o[0], Pointer(base.region, base.offset + (by if operation == "add" else -by)))
            self.carry = None
        elif operation in ("add", "adc", "inc"):
            sum_ = k.plus(self.get(o[0]), one if operation == "inc" else self.get(o[1]))
            if operation == "adc":
                sum_ = k.plus(sum_, self.known_carry())
            quotient, low = k.cut(sum_, self.size(o[0]))
            self.put(o[0], low)
            self.carry = self.carry if operation == "inc" else quotient
        elif operation == "sbb" and o[0] == o[1]:
            self.put(o[0], k.cut(k.mask(self.known_carry()), 32)[1] if o[0] in HALVES else k.mask(self.known_carry()))
        elif operation in ("sub", "sbb", "cmp", "dec"):
            difference = k.minus(self.get(o[0]), one if operation == "dec" else self.get(o[1]))
            if operation == "sbb":
                difference = k.minus(difference, self.known_carry())
            quotient, low = k.cut(difference, self.size(o[0]))
            if operation != "cmp":
                self.put(o[0], low)
            self.carry = self.carry if operation == "dec" else k.scaled(quotient, -1)
        elif operation == "mul":
            self.registers["rdx"], self.registers["rax"] = k.cut(k.times(self.get("rax"), self.get(o[0])), 64)
            self.carry = None
        elif operation == "imul" and len(o) == 3:
            self.put(o[0], k.wrapped(k.times(self.get(o[1]), self.get(o[2]))))
            self.carry = None
        elif operation == "lea":
            self.put(o[0], self.loaded_address(o[1]))
        elif operation in ("shr", "shl"):
            by = int(o[1], 16) if len(o) > 1 else 1
            x = self.get(o[0])
            self.put(o[0], k.cut(x, by)[0] if operation == "shr" else k.wrapped(k.scaled(x, 1 << by)))
            self.carry = None
        elif operation == "neg":
            x = self.get(o[0])
            self.carry = x if x.is_bit() else None
            self.put(o[0], k.wrapped(k.scaled(x, -1)))
        elif operation == "not":
            self.put(o[0], k.minus(k.constant(2**self.size(o[0]) - 1), self.get(o[0])))
        elif operation in ("and", "or", "xor"):
            x, y = self.get(o[0]), self.get(o[1])
            if isinstance(x, Xor) or isinstance(y, Xor):
                self.put(o[0], self.of_xor(operation, x, y))
                self.carry = k.constant(0)
                return
            if operation == "and" and o[0] in HALVES and not y.exact.terms: # the upper half does not count
                x = self.get(HALVES[o[0]])
            self.put(o[0], k.both(x, y) if operation == "and" else k.either(x, y) if operation == "or" else self.exclusive(x, y))
            self.carry = k.constant(0)
        elif operation == "btr" and o[1] == "0x3f":
            self.put(o[0], k.cut(self.get(o[0]), 63)[1])
            self.carry = None
        elif operation in ("cmovb", "cmovae"):
            if not self.known_carry().is_constant():
                k.split_on(self.carry)
            if self.carry.low == (operation == "cmovb"):
                self.put(o[0], self.get(o[1]))
        elif operation in ("setb", "setae"):
            self.put(o[0], self.known_carry() if operation == "setb" else k.minus(one, self.known_carry()))
        elif operation == "movzx":
            self.put(o[0], self.get(o[1]))
        else:
            raise Unproven("instruction " + " ".join([operation, *o]))

    def exclusive(self, x, y):
        try:
            return self.kernel.exclusive(x, y)
        except Unproven:
            return Xor(x, y)

    def of_xor(self, operation, x, y):
        x, y = (x, y) if isinstance(x, Xor) else (y, x)
        if isinstance(y, Word):
            if operation == "and" and (b := self.kernel.mask_of(y)) is not None:
                self.kernel.split_on(b)
            if operation == "and" and not y.exact.terms and y.low in (0, 2**64 - 1):
                return x if y.low else y
            if operation == "xor":
                for one, other in ((x.x, x.y), (x.y, x.x)):
                    if one.exact.key() == y.exact.key():
                        return other
        raise Unproven(f"'{operation}' of an 'xor'")

    def size(self, text):
        return 32 if text in HALVES else 8 if text in LOWEST else 64

    def loaded_address(self, text):
        if re.match(r"\[\w+([+-]0x[0-9a-f]+)?\]$", text) and isinstance(self.registers[re.match(r"\[(\w+)", text)[1]], Pointer):
            return Pointer(*self.address(text))
        found = re.match(r"\[(?:(\w+)\+)?(\w+)\*(\d)([+-]0x[0-9a-f]+)?\]$", text) or re.match(r"\[(\w+)(?:\+(\w+))?()([+-]0x[0-9a-f]+)?\]$", text)
        if not found:
            raise Unproven("lea " + text)
        k = self.kernel
        value = k.constant(int(found[4] or "0", 16))
        if found[1] and found[1] in REGISTERS:
            value = k.plus(value, self.get(found[1]))
        if found[2]:
            value = k.plus(value, k.scaled(self.get(found[2]), int(found[3] or "1")))
        return k.wrapped(value)


def run(functions, name, arguments, returned, aliases):
    def follow(kernel, inputs):
        machine = Machine(kernel, functions)
        regions = {x: aliases.get(x, x) for x in arguments}
        for register, x in zip(("rdi", "rsi", "rdx"), arguments):
            machine.registers[register] = Pointer(regions[x], 0)
        for x, words in inputs.items():
            machine.memory |= {(regions[x], 8 * i): w for i, w in enumerate(words)}
        saved = {r: object() for r in ("rbx", "rbp", "r12", "r13", "r14", "r15")}
        machine.registers |= saved
        kernel.step = 0
        machine.call(name)
        for register, before in saved.items():
            if machine.registers[register] is not before:
                raise Unproven(f"{register} is not what it was")
        if machine.registers["rsp"].offset != 0:
            raise Unproven("the stack pointer is not what it was")
        out = arguments[0]
        for x in arguments[1:]: # what was not to be written
            if regions[x] != regions[out] and any(machine.memory[regions[x], 8 * i] is not w for i, w in enumerate(inputs[x])):
                raise Unproven(f"{x} is written")
        outputs = {out: [machine.memory.get((regions[out], 8 * i)) for i in range(WORDS[out])]}
        if None in outputs[out]:
            raise Unproven("not all of the result is written")
        if returned:
            outputs[returned] = [machine.get("rax")]
        return outputs
    return follow


def asm_statements(header):
    """(instructions, outputs, inputs, clobbers) of each asm statement."""
    text = re.sub(r"//[^\n]*", "", header.read_text())
    for found in re.finditer(r"\basm\((.*?)\);\n", text, re.S):
        instructions = "".join(re.findall(r'"([^"]*)"', re.match(r'(?:\s*"[^"]*")*', found[1])[0]))
        yield instructions, *[*re.split(r"\n\s*:", found[1], maxsplit=3)[1:], "", "", ""][:3]


def check_statements(header):
    """What holds for every compiler's choice of registers, since no output may share one with an input."""
    problems, count = [], 0
    for instructions, outputs, inputs, clobbers in asm_statements(header):
        count += 1
        if any("&" not in c for c in re.findall(r'"([=+][^"]*)"', outputs)):
            problems.append(f"asm {count}: an output may share a register with an input")
        if '"cc"' not in clobbers:
            problems.append(f"asm {count}: does not say that it changes flags")
        for name in set(re.findall(r"\(%\[(\w+)\]\)", instructions)):
            if f'"m"({name})' not in inputs:
                problems.append(f"asm {count}: does not say that it reads {name}'s memory")
        written = {x for x in ("rax", "rdx") if f"%%{x}" in instructions or "mulq" in instructions}
        for x in written:
            if f'"=&{x[1]}"' not in outputs:
                problems.append(f"asm {count}: does not say that it changes {x}")
    if count < 10:
        problems.append(f"only {count} statements are found")
    for p in problems:
        print("FAILED  " + p)
    if not problems:
        print(f"proved  {count} asm statements: outputs apart from inputs, flags, memory and fixed registers are declared")
    return len(problems)


def main():
    compiler, *only = [a for a in sys.argv[1:] if not a.startswith("--")]
    options = sys.argv[1:]
    if platform.machine() != "x86_64":
        print("skipped: this machine has other instructions")
        return 77
    with tempfile.TemporaryDirectory(prefix="signet-compiled-") as folder:
        built = Path(folder) / "compiled.o"
        subprocess.run([*compiler.split(), "-std=c++20", "-O2", f"-I{HERE.parents[1] / 'include'}", "-c", HERE / "compiled.cpp", "-o", built], check=True)
        functions = disassembled(built)
    failed = check_statements(HERE.parents[1] / "include/signet/crypto/impl/arith/x86_64.hpp")
    passed = int(failed == 0)
    for name, (arguments, returned, theorem) in FUNCTIONS.items():
        if only and only[0] not in name:
            continue
        arguments = arguments.split()
        # Where the result goes, and which operands are one.
        places = [{}]
        if arguments[0] == "r" and arguments[1] == "a":
            places += [{"r": "a"}]
        if "b" in arguments:
            places += [{"r": "b"}, {"b": "a"}, {"r": "a", "b": "a"}] if arguments[0] == "r" else [{"b": "a"}]
        if failed and "--first" in options:
            break
        for aliases in places:
            start, what = time.process_time(), name + "".join(f", {x} is {y}" for x, y in aliases.items())
            try:
                cases = theorem.prove(lambda assumed: Kernel(64, assumed), run(functions, name, arguments, returned, aliases),
                                      {x: y for x, y in aliases.items() if x in theorem.inputs})
                if cases == 0:
                    raise Unproven("no case is possible")
                passed += 1
                print(f"proved  {what}: {theorem.says}{f' ({cases} cases)' if cases > 1 else ''}, {time.process_time() - start:.2f} s")
            except (Unproven, Unsound) as why:
                failed += 1
                print(f"FAILED  {what}: {why}")
            if "--first" in options:
                break
    print(f"{passed} passed, {failed} failed")
    return failed != 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main())
