using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Bytes;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Runtime.Tests.Engine.Steps;

/// <summary>Functions of bytes whose channels lie apart, as those of a part of a joined tensor do, give what each byte by itself gives.</summary>
public sealed unsafe class ColumnStepTests
{
    private const byte Untouched = 0xEE;

    private static readonly Gen<(int Channels, int Pixels, int Images, int[] Gaps)> Cases =
        from channels in Gen.OneOf(Gen.Int[1, 20], Gen.Int[20, 260])
        from pixels in Gen.Int[1, 70]
        from images in Gen.Int[1, 2]
        from gaps in Gen.Int[0, 5].Array[3]
        select (channels, pixels, images, gaps);

    [Fact]
    public void Tables() => Cases.Sample((channels, pixels, images, gaps) =>
    {
        byte[] table = [.. Enumerable.Range(0, 256).Select(i => (byte)(i * 37 + 11))];
        using var resources = new KernelResources();
        int[] lengths = [images, channels, pixels];
        var strides = gaps.Select(gap => StridesOf(channels, pixels, gap)).ToArray();
        var step = new TableStep(ColumnWalk.Of(lengths, strides[0], strides[1]), new Place(1, 0), new Place(0, 0), table,
            new StepFactory(KernelSet.Auto, resources))
        { Name = "name", Kind = "table", BytesTouched = 0 };
        Check(step, lengths, strides[..2], (x, _) => table[x]);
    }, iter: 200);

    [Fact]
    public void Additions() => Cases.Sample((channels, pixels, images, gaps) =>
    {
        int[] lengths = [images, channels, pixels];
        var strides = gaps.Select(gap => StridesOf(channels, pixels, gap)).ToArray();
        var factors = new BinaryFactors(0.5f, 0.25f, 3, 0, 0, 0, 255);
        var step = new BinaryStep(ColumnWalk.Of(lengths, strides), new Place(1, 0), new Place(2, 0), new Place(0, 0), factors,
            BinaryKernels.Add.Choose(KernelSet.Auto))
        { Name = "name", Kind = "add", BytesTouched = 0 };
        Check(step, lengths, strides, (x, y) =>
            (byte)MathF.Round(Math.Clamp(MathF.FusedMultiplyAdd(x, 0.5f, MathF.FusedMultiplyAdd(y, 0.25f, 3)), 0, 255), MidpointRounding.ToEven));
    }, iter: 200);

    private static long[] StridesOf(int channels, int pixels, int gap) => [(channels + gap) * (long)pixels, 1, channels + gap];

    private static void Check(Step step, int[] lengths, long[][] strides, Func<byte, byte, byte> of)
    {
        var ends = strides.Select(s => (int)lengths.Zip(s, (length, stride) => (length - 1) * stride).Sum() + 1).ToArray();
        using var output = new GuardedMemory<byte>(ends[0]);
        using var a = new GuardedMemory<byte>(ends[1]);
        using var b = new GuardedMemory<byte>(ends[^1]);
        for (var i = 0; i < a.Span.Length; i++) a.Span[i] = (byte)(i * 7 + i / 251);
        for (var i = 0; i < b.Span.Length; i++) b.Span[i] = (byte)(i * 13 + 5);
        output.Span.Fill(Untouched);
        var expected = output.Span.ToArray();
        for (var i = 0; i < Sizes.Product(lengths); i++)
        {
            var at = new long[strides.Length];
            for (int axis = 2, rest = i; axis >= 0; rest /= lengths[axis--])
                for (var t = 0; t < at.Length; t++) at[t] += rest % lengths[axis] * strides[t][axis];
            expected[at[0]] = of(a.Span[(int)at[1]], b.Span[(int)at[^1]]);
        }
        fixed (byte* to = output.Span) fixed (byte* x = a.Span) fixed (byte* y = b.Span)
        {
            var slots = stackalloc byte*[] { to, x, y };
            step.Run(new StepContext(slots, null), 0, step.Units / 2, 0, 1);
            step.Run(new StepContext(slots, null), step.Units / 2, step.Units, 0, 1);
        }
        Assert.Equal(expected, output.Span.ToArray());
    }
}
