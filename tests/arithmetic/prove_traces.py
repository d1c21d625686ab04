#!/usr/bin/env python3
"""Proves what the library's word-level C++ computes, for all inputs, from what it did with recording words.

usage: prove_traces.py PROGRAM [TEXT]    the program that prints the traces; only functions whose name contains TEXT
       --first stops at the first that fails
Each function that theorems.py names is proved for words of 64 and of 32 bits. A function "X" with a trace "X in steps" is the
composition of two proven ones: both traces must be the same. Ends in "N passed, N failed".
"""
import subprocess
import sys
import time

from kernel import Kernel, Unproven, Unsound
from theorems import OF_TRACES


def traces(program):
    found = {}
    for line in subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines():
        if line.startswith("trace "):
            _, bits, name = line.split(" ", 2)
            found[name, int(bits)] = lines = []
        else:
            lines.append(line.split())
    return found


class Any:
    """The 'or' of several words: only compared with 0."""
    def __init__(self, words):
        self.words = words


def follow(kernel, lines, inputs):
    """What a trace computes from the words of `inputs`."""
    values, outputs = [], {}

    def get(text):
        return values[int(text[1:])] if text[0] == "n" else kernel.constant(int(text))

    for kernel.step, (operation, *operands) in enumerate(lines):
        value = None
        if operation == "input":
            value = inputs[operands[0]][int(operands[1])]
        elif operation == "output":
            outputs.setdefault(operands[0], []).append(get(operands[2]))
        elif operation in ("wide_add", "wide_sub", "wide_mul"):
            x, y = map(get, operands)
            value = kernel.plus(x, y) if operation == "wide_add" else kernel.minus(x, y) if operation == "wide_sub" else kernel.times(x, y)
            if value.high >= 1 << 2 * kernel.bits or value.low < -(1 << kernel.bits):
                raise Unproven("two words do not hold it")
        elif operation == "wide_shr": # of what is negative: two's complement
            q = kernel.cut(get(operands[0]), int(operands[1]))[0]
            value = kernel.wrapped(q) if q.low < 0 and int(operands[1]) == kernel.bits else q
        elif operation == "low":
            value = kernel.wrapped(get(operands[0]))
        elif operation in ("add", "sub", "mul"):
            x, y = map(get, operands)
            value = kernel.wrapped(kernel.plus(x, y) if operation == "add" else kernel.minus(x, y) if operation == "sub" else kernel.times(x, y))
        elif operation == "shl":
            value = kernel.wrapped(kernel.scaled(get(operands[0]), 1 << int(operands[1])))
        elif operation == "shr":
            value = kernel.cut(get(operands[0]), int(operands[1]))[0]
        elif operation == "less":
            value = kernel.scaled(kernel.cut(kernel.minus(*map(get, operands)), kernel.bits)[0], -1)
        elif operation == "and":
            value = kernel.both(*map(get, operands))
        elif operation == "or":
            x, y = map(get, operands)
            try:
                value = Any(x.words + [y]) if isinstance(x, Any) else kernel.either(x, y)
            except Unproven:
                value = Any([x, y])
        elif operation == "xor":
            value = kernel.exclusive(*map(get, operands))
        elif operation == "not":
            value = kernel.minus(kernel.constant((1 << kernel.bits) - 1), get(operands[0]))
        elif operation == "equal":
            value = (get(operands[0]), get(operands[1]))
        elif operation == "branch": # only: whether an input is 0
            if not isinstance(values[int(operands[0][1:])], tuple):
                raise Unproven("a branch on something else than 0")
            x, y = get(operands[0])
            words = x.words if isinstance(x, Any) else [x]
            if y.low != 0 or y.high != 0:
                raise Unproven("a branch on something else than 0")
            whole = kernel.joined(words)
            low, high = kernel.bounds(whole.exact, whole.sized, whole.low, whole.high)
            if (operands[1] == "1" and high != 0) or (operands[1] == "0" and low < 1):
                raise Unproven("a branch goes the other way")
        else:
            raise Unproven("operation " + operation)
        values.append(value)
    return outputs


def main():
    program, *only = [a for a in sys.argv[1:] if not a.startswith("--")]
    options = sys.argv[1:]
    found, passed, failed = traces(program), 0, 0
    for (name, bits), lines in found.items():
        if only and only[0] not in name or name.endswith(" in steps"):
            continue
        start, what = time.process_time(), f"{name}, {bits} bits"
        try:
            if (name + " in steps", bits) in found:
                if found[name + " in steps", bits] != lines:
                    raise Unproven("is not the composition of the two")
                says = "both steps, one after the other"
            else:
                theorem = OF_TRACES[name]
                says = theorem.says
                cases = theorem.prove(lambda assumed: Kernel(bits, assumed), lambda kernel, inputs: follow(kernel, lines, inputs))
                if cases == 0:
                    raise Unproven("no case is possible")
                says += f" ({cases} cases)" if cases > 1 else ""
            passed += 1
            print(f"proved  {what}: {says}, {time.process_time() - start:.2f} s")
        except (Unproven, Unsound) as why:
            failed += 1
            print(f"FAILED  {what}: {why}")
            if "--first" in options:
                break
    print(f"{passed} passed, {failed} failed")
    return failed != 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main())
