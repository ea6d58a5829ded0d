using System.Runtime.InteropServices;
using static Caliper.Torch.Pickling.PickleOpcode;

namespace Caliper.Torch.Pickling;

/// <summary>
/// Reads one Python pickle of protocol 1 to 5 and executes nothing: the names it may mention are those of
/// <see cref="TorchGlobal"/>, and any other, as any opcode that would construct an object, ends the reading. Nothing in here
/// recurses, so nesting costs no stack; one opcode makes at most one object, so memory follows the number of opcodes.
/// </summary>
internal sealed class PickleMachine(PickleInput input, TorchObjects objects)
{
    /// <summary>About 25 opcodes describe a tensor, so this is room for more than a hundred thousand.</summary>
    private const int MaxOpcodes = 4_000_000;

    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];

    /// <summary>Reads up to and including <c>STOP</c>.</summary>
    /// <returns>
    /// The object: null, <see cref="bool"/>, <see cref="long"/>, <see cref="System.Numerics.BigInteger"/>,
    /// <see cref="double"/>, text, bytes, an array for a tuple, a list, or one of the classes beside this one.
    /// </returns>
    /// <exception cref="CaliperException">The pickle is damaged, too large, or asks for what is not allowed.</exception>
    public object? Run()
    {
        for (var executed = 0; executed < MaxOpcodes; executed++)
        {
            var opcode = (PickleOpcode)input.ReadByte();
            if (opcode is Stop) return Pop();
            if (!(TryScalar(opcode) || TryText(opcode) || TryMemo(opcode) || TryContainer(opcode) || TryObject(opcode)))
                throw Damaged($"the byte 0x{(byte)opcode:x2} is no instruction that PyTorch writes");
        }
        throw new CaliperException($"'{input.File}' is refused: its pickle has more than {MaxOpcodes} instructions.");
    }

    private bool TryScalar(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case None: Push(null); return true;
            case NewTrue: Push(true); return true;
            case NewFalse: Push(false); return true;
            case BinInt: Push((long)input.ReadInt32()); return true;
            case BinInt1: Push((long)input.ReadByte()); return true;
            case BinInt2: Push((long)input.ReadUInt16()); return true;
            case Long1: Push(input.ReadLong(input.ReadByte())); return true;
            case BinFloat: Push(input.ReadDouble()); return true;
            case Proto: CheckProtocol(input.ReadByte()); return true;
            case Frame: input.Skip(8); return true;
            default: return false;
        }
    }

    private bool TryText(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case BinUnicode or BinString: Push(input.ReadText(input.ReadUInt32())); return true;
            case ShortBinUnicode or ShortBinString: Push(input.ReadText(input.ReadByte())); return true;
            case BinUnicode8: Push(input.ReadText(input.ReadUInt64())); return true;
            case BinBytes: Push(input.ReadBytes(input.ReadUInt32())); return true;
            case ShortBinBytes: Push(input.ReadBytes(input.ReadByte())); return true;
            default: return false;
        }
    }

    private bool TryMemo(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case BinPut: _memo[input.ReadByte()] = Peek(); return true;
            case LongBinPut: _memo[input.ReadUInt32()] = Peek(); return true;
            case Memoize: _memo[(uint)_memo.Count] = Peek(); return true;
            case BinGet: Push(Recall(input.ReadByte())); return true;
            case LongBinGet: Push(Recall(input.ReadUInt32())); return true;
            case Dup: Push(Peek()); return true;
            case PickleOpcode.Pop: Pop(); return true;
            case PopMark: PopToMark(); return true;
            case Mark: _marks.Push(_stack.Count); return true;
            default: return false;
        }
    }

    private bool TryContainer(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case EmptyTuple: Push(Array.Empty<object?>()); return true;
            case Tuple1: Push(PopMany(1)); return true;
            case Tuple2: Push(PopMany(2)); return true;
            case Tuple3: Push(PopMany(3)); return true;
            case PickleOpcode.Tuple: Push(PopToMark()); return true;
            case EmptyList or EmptySet: Push(new List<object?>()); return true;
            case EmptyDict: Push(new PickleDict()); return true;
            case Append: Extend(PopMany(1)); return true;
            case Appends or AddItems: Extend(PopToMark()); return true;
            case SetItem: Fill(PopMany(2)); return true;
            case SetItems: Fill(PopToMark()); return true;
            default: return false;
        }
    }

    private bool TryObject(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case Global: Push(Allowed(input.ReadLine(), input.ReadLine())); return true;
            case StackGlobal:
                if (PopMany(2) is not [string module, string name]) throw Damaged("a name is no text");
                Push(Allowed(module, name));
                return true;
            case PickleOpcode.Reduce: Reduce(PopMany(2)); return true;
            case BinPersid: Push(objects.Storage(Pop())); return true;
            case PickleOpcode.Build: Build(Pop()); return true;
            case Inst: throw Refused($"construct '{input.ReadLine()}.{input.ReadLine()}'");
            case Obj: throw Refused($"construct {Name(PopToMark().FirstOrDefault())}");
            case NewObj: throw Refused($"construct {Name(PopMany(2)[0])}");
            case NewObjEx: throw Refused($"construct {Name(PopMany(3)[0])}");
            case Ext1 or Ext2 or Ext4: throw Refused("call something by its number in a table of Python's");
            case Persid: throw Refused($"resolve '{input.ReadLine()}'");
            default: return false;
        }
    }

    private void Reduce(object?[] call)
    {
        if (call[0] is not TorchGlobal callee) throw Refused($"call {Name(call[0])}");
        Push(objects.Call(callee, call[1] as object?[] ?? throw Damaged("the arguments of a call are no tuple")));
    }

    /// <summary>State dicts carry <c>_metadata</c> as an attribute; attributes are dropped, hooks into Python refused.</summary>
    private void Build(object? state)
    {
        if (Peek() is not PickleDict) throw Refused($"set the state of {Name(Peek())}");
        if (state is not PickleDict attributes) throw Refused("set the state of a dictionary by something other than attributes");
        if (attributes.Entries.Keys.FirstOrDefault(k => k.StartsWith("__", StringComparison.Ordinal)) is { } special)
            throw Refused($"replace '{special}' of a dictionary");
    }

    private TorchGlobal Allowed(string module, string name) =>
        TorchGlobal.Find(module, name) ?? throw Refused($"call '{module}.{name}'");

    private void CheckProtocol(byte protocol)
    {
        if (protocol > 5) throw Damaged($"pickle protocol {protocol} does not exist");
    }

    private void Extend(object?[] items)
    {
        if (Peek() is not List<object?> list) throw Damaged("it appends to something that is no list");
        list.AddRange(items);
    }

    private void Fill(object?[] items)
    {
        if (Peek() is not PickleDict dictionary || items.Length % 2 != 0)
            throw Damaged("it fills something that is no dictionary");
        for (var i = 0; i < items.Length; i += 2) dictionary.Set(items[i], items[i + 1]);
    }

    private void Push(object? value) => _stack.Add(value);

    private object? Peek() => _stack.Count > Floor ? _stack[^1] : throw Underflow();

    private object? Pop()
    {
        var value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object?[] PopMany(int count)
    {
        if (_stack.Count - Floor < count) throw Underflow();
        return Cut(_stack.Count - count);
    }

    private object?[] PopToMark() => _marks.TryPop(out var mark) ? Cut(mark) : throw Damaged("a mark is missing");

    private int Floor => _marks.TryPeek(out var mark) ? mark : 0;

    private object?[] Cut(int from)
    {
        var values = CollectionsMarshal.AsSpan(_stack)[from..].ToArray();
        _stack.RemoveRange(from, values.Length);
        return values;
    }

    private object? Recall(uint index) =>
        _memo.TryGetValue(index, out var value) ? value : throw Damaged($"it recalls value {index}, which it never stored");

    private static string Name(object? value) => value switch
    {
        TorchGlobal known => $"'{known.Name}'",
        TensorReference => "a tensor",
        null => "nothing",
        _ => "something that is no function",
    };

    private CaliperException Underflow() => Damaged("it takes more values than it has");

    private CaliperException Damaged(string what) => new($"'{input.File}' is damaged: {what} (in its pickle).");

    private CaliperException Refused(string what) => new(
        $"'{input.File}' asks Python to {what}, which is refused; nothing was run. Caliper reads tensors in plain containers: "
        + "save model.state_dict() alone with torch.save.");
}
