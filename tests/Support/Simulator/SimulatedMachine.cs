using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Caliper.Assembly;
using Iced.Intel;

namespace Caliper.Testing.Simulator;

/// <summary>
/// Runs assembled code on any machine: decodes what the writers of code have written and does exactly what those instructions say, on
/// ordinary memory, with every access held against what may be touched. An instruction that it does not know, a register of the caller that
/// is changed, and tiles that do not fit each other end the simulation.
/// </summary>
internal sealed unsafe class SimulatedMachine : CodeMachine, IDisposable
{
    // The caller's address: where control returns to.
    private const ulong Home = 0x1000;
    private const int StackBytes = 4096;
    private const string ArgumentName = "argument";

    private static readonly Register[] Kept =
        [Register.RBX, Register.RBP, Register.RSP, Register.R12, Register.R13, Register.R14, Register.R15];

    private readonly List<PlacedBlock> _blocks = [];
    private readonly byte* _stack = (byte*)NativeMemory.AllocZeroed(StackBytes);
    private readonly SimulatedProcessor _processor;

    public SimulatedMachine()
    {
        _processor = new SimulatedProcessor(Memory);
        _processor.Scramble(new Random(1));
        Memory.Allow("stack", _stack, StackBytes, isWritable: true);
    }

    /// <summary>What code may touch beside its own constants, the stack, and its argument.</summary>
    public SimulatedMemory Memory { get; } = new();

    /// <summary>Whether a thread would now have tiles.</summary>
    public bool HoldsTiles => _processor.Tiles.AreConfigured;

    /// <summary>How often each kind of instruction was run.</summary>
    public IReadOnlyDictionary<Mnemonic, long> Counts =>
        _blocks.SelectMany(b => b.Code.Counts).GroupBy(c => c.Mnemonic).ToDictionary(g => g.Key, g => g.Sum(c => c.Count));

    public override string? WhyNoTiles => null;

    public override PlacedCode TryPlace(ReadOnlySpan<byte> code)
    {
        var block = new PlacedBlock(this, code);
        _blocks.Add(block);
        return block;
    }

    public void Dispose() => NativeMemory.Free(_stack);

    private void Run(SimulatedCode code, ulong function, void* argument)
    {
        _processor.General(Register.RSP) = (long)(_stack + StackBytes);
        // Where the two calling conventions have it.
        _processor.General(Register.RDI) = _processor.General(Register.RCX) = (long)argument;
        var before = Kept.Select(r => _processor.General(r)).ToArray();
        GeneralInstructions.Push(_processor, (long)Home);
        _processor.Next = function;
        code.Run(_processor, Home);
        for (var i = 0; i < Kept.Length; i++)
            if (_processor.General(Kept[i]) != before[i]) throw new SimulationException($"{Kept[i]} is not given back as it was.");
    }

    private sealed class PlacedBlock : PlacedCode
    {
        private readonly SimulatedMachine _machine;
        private readonly byte* _start;

        public PlacedBlock(SimulatedMachine machine, ReadOnlySpan<byte> code)
        {
            _machine = machine;
            _start = (byte*)NativeMemory.Alloc((nuint)code.Length);
            code.CopyTo(new Span<byte>(_start, code.Length));
            machine.Memory.Allow(Name, _start, code.Length);
            Code = new SimulatedCode((ulong)_start, code.ToArray());
        }

        public SimulatedCode Code { get; }

        private string Name => $"code {RuntimeHelpers.GetHashCode(this)}";

        public override void Call(int offset, void* argument, int argumentBytes)
        {
            _machine.Memory.Allow(ArgumentName, argument, argumentBytes, isWritable: true);
            _machine.Run(Code, (ulong)_start + (ulong)offset, argument);
            _machine.Memory.Forbid(ArgumentName);
        }

        public override void CallPlain(int offset) => _machine.Run(Code, (ulong)_start + (ulong)offset, null);

        public override void Dispose()
        {
            _machine.Memory.Forbid(Name);
            NativeMemory.Free(_start);
        }
    }
}
