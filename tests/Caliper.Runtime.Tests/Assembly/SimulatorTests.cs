using System.Runtime.InteropServices;
using Caliper.Assembly;
using Caliper.Testing.Simulator;
using Iced.Intel;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Runtime.Tests.Assembly;

/// <summary>The simulator against the processor, instruction by instruction; and what ends a simulation.</summary>
public unsafe class SimulatorTests
{
    // Three vectors, and the fourth that memory operands read; then the first two again as an instruction leaves them.
    private const int Inputs = 4, Vectors = 6;

    private static readonly Place Operand = At(3);

    private static Place At(int vector) => new(CodeWriter.Argument, 64 * vector);

    private static SortedDictionary<string, Action<CodeWriter>> Integers => new(StringComparer.Ordinal)
    {
        ["copy"] = c => c.Copy(1, 2),
        ["clear"] = c => c.Clear(1),
        ["broadcast"] = c => c.Broadcast(1, Operand),
        ["multiply-accumulate"] = c => c.MultiplyAccumulate(1, 2, 3),
        ["multiply-accumulate memory"] = c => c.MultiplyAccumulate(1, 2, Operand),
        ["to float"] = c => c.ToFloat(1),
        ["pack to words"] = c => c.PackToWords(1, 2, 3),
        ["pack to bytes"] = c => c.PackToBytes(1, 2, 3),
        ["add integers"] = c => c.AddIntegers(1, Operand),
        ["times 256"] = c => c.RaiseByByte(1),
        ["without the lowest byte"] = c => c.DropLowByte(1, 2),
        ["lowest bytes"] = c => c.StoreLowBytes(At(4), 2),
        ["masked lowest bytes"] = c => { c.SetMask(Register.K1, 11, Register.RAX); c.StoreLowBytes(At(4), 2, Register.K1); },
        ["add words"] = c => c.AddWords(1, Operand),
        ["bytes at least"] = c => c.BytesAtLeast(1, Operand),
        ["bytes at most"] = c => c.BytesAtMost(1, Operand),
        ["lower bytes"] = c => c.InterleaveLowerBytes(1, 2, 3),
        ["upper bytes"] = c => c.InterleaveUpperBytes(1, 2, 3),
        ["lower words"] = c => c.InterleaveLowerWords(1, 2, 3),
        ["upper words"] = c => c.InterleaveUpperWords(1, 2, 3),
        ["shuffle"] = c => c.Shuffle(1, 2, Operand),
        ["permute"] = c => c.Permute(1, 2),
        ["load permuted"] = c => c.LoadPermuted(1, 2, Operand),
        ["quarters"] = c => c.ShuffleQuarters(1, 2, 3, 0b10_00_11_01),
        ["take quarter"] = c => c.TakeQuarter(1, 2, 3),
        ["take upper half"] = c => c.TakeUpperHalf(1, 2),
        ["widen to lanes"] = c => c.WidenToLanes(1, 2),
        ["widen to words"] = c => c.WidenToWords(1, 2),
        ["first 16"] = c => c.LoadFirst(1, Operand, 16),
        ["first 32"] = c => c.LoadFirst(1, Operand, 32),
        ["masked load"] = c => { c.SetMask(Register.K1, 37, Register.RAX); c.LoadMasked(1, Operand, Register.K1); },
        ["masked store"] = c => { c.SetMask(Register.K1, 37, Register.RAX); c.Store(At(4), 2, 64, Register.K1); },
        ["masked lanes"] = c => { c.SetMask(Register.K1, 11, Register.RAX); c.StoreLanes(At(4), 2, Register.K1); },
        ["store 32"] = c => c.Store(At(4), 2, 32),
    };

    private static SortedDictionary<string, Action<CodeWriter>> Floats => new(StringComparer.Ordinal)
    {
        ["to integer"] = c => c.ToInteger(1),
        ["multiply"] = c => c.Multiply(1, 2),
        ["multiply memory"] = c => c.Multiply(1, Operand),
        ["add"] = c => c.AddFloats(1, Operand),
        ["multiply-add"] = c => c.MultiplyAdd(1, Operand, 2),
        ["multiply, then add"] = c => c.MultiplyThenAdd(1, 2, 3),
        ["add product"] = c => c.AddProduct(1, 2, Operand),
        ["at least"] = c => c.FloatsAtLeast(1, Operand),
        ["at most"] = c => c.FloatsAtMost(1, Operand),
        ["round"] = c => c.Round(1),
    };

    public static TheoryData<string> IntegerNames => new(Integers.Keys);

    public static TheoryData<string> FloatNames => new(Floats.Keys);

    [Theory]
    [MemberData(nameof(IntegerNames))]
    public void An_instruction_on_integers_does_what_the_processor_does(string name) =>
        Compare(Integers[name], random => random.Next(3) == 0 ? random.Next(-70000, 70000) : random.Next(int.MinValue, int.MaxValue));

    [Theory]
    [MemberData(nameof(FloatNames))]
    public void An_instruction_on_floats_does_what_the_processor_does(string name) => Compare(Floats[name], random =>
    {
        var number = random.Next(8) switch
        {
            0 => random.Next(-9, 9) + 0.5f,
            1 => 0f,
            2 => float.PositiveInfinity,
            3 => (random.NextSingle() - 0.5f) * 1e20f,
            _ => (random.NextSingle() - 0.5f) * 4000,
        };
        return BitConverter.SingleToInt32Bits(number);
    });

    [Fact]
    public void Tiles_are_multiplied_as_the_processor_does()
    {
        Assert.SkipUnless(TileUnit.IsSupported, $"no tiles here: {TileUnit.WhyNot}");
        var random = new Random(1);
        for (var rows = 1; rows <= 16; rows++)
        {
            // Sums, pixels, weights: 16 rows each.
            var memory = new byte[3 * 1024];
            random.NextBytes(memory);
            var (simulated, real) = (memory.ToArray(), memory.ToArray());
            using var machine = new SimulatedMachine();
            Multiply(machine, rows, simulated);
            Assert.False(machine.HoldsTiles);
            Multiply(CodeMachine.Processor, rows, real);
            Assert.Equal(real, simulated);
            Assert.NotEqual(memory, simulated);
        }
    }

    [Fact]
    public void Memory_that_was_not_lent_ends_the_simulation()
    {
        var error = Assert.Throws<SimulationException>(() => Run(c => c.Load(1, At(Vectors) + -63)));
        Assert.Contains("Reads 64 bytes from byte 321 of 'argument' on, which has 384", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<SimulationException>(() => Run(c => c.Store(new Place(CodeWriter.Argument, -1), 1, 16)));
        Assert.Contains("from 1 bytes before 'argument' on", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<SimulationException>(() => Run(c => c.Store(c.Constant(new byte[64]), 1, 16)));
        Assert.Contains("which is not to be written", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_instruction_that_is_not_known_ends_the_simulation()
    {
        var code = new CodeWriter();
        code.ReadEnabledState();
        using var machine = new SimulatedMachine();
        using var placed = machine.TryPlace(code.Finish());
        var error = Assert.Throws<SimulationException>(() => placed.CallPlain(0));
        Assert.Contains("does not know", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_register_that_is_not_given_back_ends_the_simulation()
    {
        var code = new CodeWriter();
        var start = code.BeginPlain();
        code.Set(Register.R12, 1);
        code.EndPlain();
        using var machine = new SimulatedMachine();
        using var placed = machine.TryPlace(code.Finish());
        Assert.Contains("R12", Assert.Throws<SimulationException>(() => placed.CallPlain(start)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tiles_without_a_shape_end_the_simulation()
    {
        var error = Assert.Throws<SimulationException>(() => Run(c => c.LoadTile(0, At(0), Register.RAX)));
        Assert.Contains("has no shape", error.Message, StringComparison.Ordinal);
    }

    private static void Run(Action<CodeWriter> write)
    {
        using var machine = new SimulatedMachine();
        Run(machine, write, new byte[64 * Vectors]);
    }

    private static void Multiply(CodeMachine machine, int rows, byte[] memory)
    {
        var code = new CodeWriter();
        var start = code.BeginFunction();
        code.ConfigureTiles(code.Constant(TileShape.Of([rows, rows, 16])));
        code.Set(Register.RAX, 32);
        code.LoadTile(0, new Place(CodeWriter.Argument), Register.RAX, scale: 2);
        code.LoadTile(1, new Place(CodeWriter.Argument, 1024), Register.RAX, scale: 2);
        code.LoadTile(2, new Place(CodeWriter.Argument, 2048), Register.RAX, scale: 2);
        code.MultiplyTiles(0, 1, 2);
        code.StoreTile(new Place(CodeWriter.Argument), 0, Register.RAX, scale: 2);
        code.ReleaseTiles();
        code.EndFunction();
        using var placed = machine.TryPlace(code.Finish())!;
        fixed (byte* argument = memory) placed.Call(start, argument, memory.Length);
    }

    private static void Compare(Action<CodeWriter> write, Func<Random, int> lane)
    {
        Assert.SkipUnless(AssembledCode.IsSupported, $"no assembled code here: {AssembledCode.WhyNot}");
        var random = new Random(1);
        for (var time = 0; time < 20; time++)
        {
            var lanes = Enumerable.Range(0, 16 * Vectors).Select(_ => lane(random)).ToArray();
            var (real, simulated) = (MemoryMarshal.AsBytes(lanes.AsSpan()).ToArray(), MemoryMarshal.AsBytes(lanes.AsSpan()).ToArray());
            using var machine = new SimulatedMachine();
            Run(machine, write, simulated);
            Run(CodeMachine.Processor, write, real);
            Assert.Equal(real, simulated);
        }
    }

    /// <summary>Loads three vectors, does something, and stores all of the first two.</summary>
    private static void Run(CodeMachine machine, Action<CodeWriter> write, byte[] memory)
    {
        var code = new CodeWriter();
        var start = code.BeginFunction();
        for (var vector = 1; vector < Inputs; vector++) code.Load(vector, At(vector - 1));
        write(code);
        code.StoreLanes(At(0), 1);
        code.StoreLanes(At(1), 2);
        code.EndFunction();
        using var placed = machine.TryPlace(code.Finish())!;
        fixed (byte* argument = memory) placed.Call(start, argument, memory.Length);
    }
}
