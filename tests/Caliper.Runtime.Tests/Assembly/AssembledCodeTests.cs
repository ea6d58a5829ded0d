using System.Globalization;
using Caliper.Assembly;
using Iced.Intel;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Runtime.Tests.Assembly;

/// <summary>Tests that turn a switch of the whole process run alone.</summary>
[CollectionDefinition(nameof(ProcessWideSwitch), DisableParallelization = true)]
public class ProcessWideSwitch;

[Collection(nameof(ProcessWideSwitch))]
public unsafe class AssembledCodeTests
{
    private static void SkipWithoutAssembledCode() =>
        Assert.SkipUnless(AssembledCode.IsSupported, $"no assembled code here: {AssembledCode.WhyNot}");

    [Theory]
    [InlineData(AssembledCode.DisablingSwitch)]
    [InlineData(AssembledCode.FormerSwitch)]
    public void One_switch_turns_assembled_code_off(string name)
    {
        var before = AppContext.TryGetSwitch(name, out var value) && value;
        AppContext.SetSwitch(name, true);
        try
        {
            Assert.False(AssembledCode.IsSupported);
            Assert.Contains(name, AssembledCode.WhyNot, StringComparison.Ordinal);
            var error = Assert.Throws<CaliperException>(() => new VnniPeak());
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
        }
        finally
        {
            AppContext.SetSwitch(name, before);
        }
    }

    [Fact]
    public void Code_is_never_writable_and_executable_at_once_and_goes_with_its_owner()
    {
        SkipWithoutAssembledCode();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the maps of a process are read from /proc");
        var memory = ExecutableMemory.TryPublish([0xC3])!;
        Assert.Equal("r-xp", ProtectionAt(memory.Start));
        memory.Dispose();
        Assert.True(memory.IsClosed);
        Assert.NotEqual("r-xp", ProtectionAt(memory.Start));
    }

    [Fact]
    public void A_function_keeps_the_registers_of_its_caller_and_loops_as_often_as_it_says()
    {
        SkipWithoutAssembledCode();
        var code = new CodeWriter();
        code.BeginFunction();
        code.Load(Register.RCX, new Place(CodeWriter.Argument));
        code.RepeatBetween(Register.RCX, () => Add(8, 1), () => Add(16, 1));
        code.Repeat(Register.RBX, 5, () => code.Repeat(Register.R15, 3, () => Add(24, 1)));
        code.Repeat(Register.RBX, 0, () => Add(24, 1000));
        code.EndFunction();
        using var memory = ExecutableMemory.TryPublish(code.Finish())!;
        var counts = stackalloc long[4];
        for (var times = 1; times <= 3; times++)
        {
            (counts[0], counts[1], counts[2], counts[3]) = (times, 0, 0, 0);
            ((delegate* unmanaged<long*, void>)memory.Start)(counts);
            Assert.Equal((times, times - 1, 15), (counts[1], counts[2], counts[3]));
        }

        void Add(int offset, int number)
        {
            var place = new Place(CodeWriter.Argument, offset);
            code.Load(Register.RAX, place);
            code.Advance(Register.RAX, number);
            code.Store(place, Register.RAX);
        }
    }

    [Fact]
    public void Constants_lie_behind_the_code_and_equal_ones_once()
    {
        SkipWithoutAssembledCode();
        var code = new CodeWriter();
        code.BeginFunction();
        for (var repeat = 0; repeat < 3; repeat++)
        {
            for (byte value = 1; value <= 2; value++)
            {
                code.Load(value, code.Constant([.. Enumerable.Repeat(value, 64)]));
                code.StoreLanes(new Place(CodeWriter.Argument, 64 * (value - 1)), value);
            }
        }
        code.EndFunction();
        var end = (code.Position + 63) / 64 * 64;
        var bytes = code.Finish();
        Assert.Equal(end + 128, bytes.Length);
        using var memory = ExecutableMemory.TryPublish(bytes)!;
        var stored = stackalloc byte[128];
        ((delegate* unmanaged<byte*, void>)memory.Start)(stored);
        Assert.Equal([.. Enumerable.Repeat((byte)1, 64), .. Enumerable.Repeat((byte)2, 64)], new ReadOnlySpan<byte>(stored, 128).ToArray());
    }

    private static string ProtectionAt(nint address)
    {
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            var range = line.Split(' ')[0].Split('-').Select(a => long.Parse(a, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray();
            if (address >= range[0] && address < range[1]) return line.Split(' ')[1];
        }
        return "";
    }
}
