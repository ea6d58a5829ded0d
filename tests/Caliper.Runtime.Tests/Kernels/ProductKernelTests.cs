using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Products;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Every entry of the table of products against the definition, with matrices at every kind of distance, beside guard pages.</summary>
public unsafe class ProductKernelTests
{
    public static TheoryData<string> Names => new(ProductKernels.All.All.Select(e => e.Name));

    private static Gen<(int Rows, int Inner, int Columns)> Sizes => Gen.Select(
        Gen.OneOf(Gen.Int[1, 9], Gen.Int[1, 90]), Gen.OneOf(Gen.Int[1, 20], Gen.Int[1, 200]), Gen.Int[1, 90]);

    private static Gen<ProductForm> Forms =>
        from zeros in Gen.Select(Gen.OneOf(Gen.Const((byte)128), Gen.Byte), Gen.OneOf(Gen.Const((byte)128), Gen.Const((byte)0), Gen.Byte))
        from multiplier in Gen.Float[1e-5f, 0.1f]
        from zeroPoint in Gen.Byte
        from range in Gen.OneOf(Gen.Const((0, 255)), Gen.Select(Gen.Int[0, 120], Gen.Int[130, 255]))
        from result in Gen.OneOf(Gen.Const(EngineType.Byte), Gen.Const(EngineType.Float), Gen.Const(EngineType.Int32))
        select new ProductForm(zeros.Item1, zeros.Item2, multiplier, zeroPoint, new((byte)range.Item1, (byte)range.Item2), result);

    /// <summary>Rows of elements side by side, with or without a gap; the same transposed; or elements apart, as heads may lie.</summary>
    private static Gen<MatrixStrides> Strides(int rows, int columns, int elementSize) =>
        from gap in Gen.OneOf(Gen.Const(0), Gen.Int[0, 40])
        from step in Gen.OneOf(Gen.Const(1), Gen.Int[1, 3])
        from transposed in Gen.Bool
        select transposed
            ? new MatrixStrides(step * elementSize, (step * rows + gap) * elementSize)
            : new MatrixStrides((step * columns + gap) * elementSize, step * elementSize);

    private static Gen<ProductLayer> Layers =>
        from size in Sizes
        from form in Forms
        from a in Strides(size.Rows, size.Inner, 1)
        from b in Strides(size.Inner, size.Columns, 1)
        from output in Strides(size.Rows, size.Columns, form.ResultSize)
        select new ProductLayer(size.Rows, size.Inner, size.Columns, a, b, output, form);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_product_has_the_bits_of_the_definition_however_its_matrices_lie(string name)
    {
        var entry = RunnableOf(name);
        Gen.Select(Layers, Gen.Int).Sample((layer, seed) => Compare(entry, layer, seed), iter: 600);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_longest_sum_of_the_greatest_products_does_not_overflow(string name)
    {
        var (entry, inner) = (RunnableOf(name), int.MaxValue / (255 * 255));
        foreach (var (zeroA, zeroB, fill) in new (byte, byte, byte)[] { (0, 0, 255), (255, 255, 0), (0, 255, 255) })
        {
            var form = new ProductForm(zeroA, zeroB, 0.00037f, 100, new ByteRange(3, 250), EngineType.Int32);
            Compare(entry, new ProductLayer(9, inner, 2, new(inner, 1), new(2, 1), new(8, 4), form), seed: 0, fill);
        }
    }

    [Fact]
    public void Tiles_take_the_products_of_an_attention()
    {
        var entry = RunnableOf("amx");
        using var resources = new KernelResources();
        var form = new ProductForm(120, 131, 0.001f, 100, new ByteRange(0, 255), EngineType.Byte);
        // 12 heads of 32 channels side by side; keys are transposed.
        Assert.NotNull(entry.Run(new ProductLayer(128, 32, 128, new(384, 1), new(1, 384), new(128, 1), form), resources));
        Assert.NotNull(entry.Run(new ProductLayer(128, 128, 32, new(128, 1), new(384, 1), new(384, 1), form), resources));
        Assert.Null(entry.Run(new ProductLayer(1, 32, 128, new(384, 1), new(1, 384), new(128, 1), form), resources));
    }

    private static void Compare(KernelEntry<ProductMaker> entry, ProductLayer layer, int seed, byte? fill = null)
    {
        using var resources = new KernelResources();
        if (entry.Run(layer, resources) is not { } kernel) return;
        var random = new Random(seed);
        var a = Noise(ByteSpan.Of(1, (layer.Rows, layer.A.Row), (layer.Inner, layer.A.Column)));
        var b = Noise(ByteSpan.Of(1, (layer.Inner, layer.B.Row), (layer.Columns, layer.B.Column)));
        var expected = Run(layer, ScalarProduct.Entry.Run(layer, resources)!, a, b, (0, layer.Rows));
        Assert.Equal(expected, Run(layer, kernel, a, b, (0, kernel.Units)));
        Assert.Equal(expected, Run(layer, kernel, a, b, [.. Enumerable.Range(0, kernel.Units).Select(u => (u, u + 1))]));

        byte[] Noise(ByteSpan span)
        {
            var bytes = new byte[span.High];
            random.NextBytes(bytes);
            if (fill is { } one) Array.Fill(bytes, one);
            return bytes;
        }
    }

    /// <summary>What a kernel writes beside guard pages, its working memory full of what others left; between elements nothing changes.</summary>
    private static byte[] Run(ProductLayer layer, ProductKernel kernel, byte[] a, byte[] b, params (int Start, int End)[] pieces)
    {
        var bytes = (int)ByteSpan.Of(layer.Form.ResultSize, (layer.Rows, layer.Output.Row), (layer.Columns, layer.Output.Column)).High;
        using var left = GuardedMemory<byte>.Of([.. a, .. new byte[kernel.ReadsAfter]]);
        using var right = GuardedMemory<byte>.Of(b);
        using var output = new GuardedMemory<byte>(bytes);
        using var scratch = new GuardedMemory<byte>((kernel.ScratchBytes + 63) / 64 * 64);
        scratch.Span.Fill(0xA5);
        output.Span.Fill(0x5A);
        fixed (byte* x = left.Span, y = right.Span, to = output.Span, memory = scratch.Span)
        {
            var operands = new ProductOperands { A = x, B = y, Output = to, Scratch = memory };
            foreach (var (start, end) in pieces) kernel.Run(operands, start, end);
        }
        return output.Span.ToArray();
    }

    private static KernelEntry<ProductMaker> RunnableOf(string name)
    {
        var entry = ProductKernels.All.All.Single(e => e.Name == name);
        Assert.SkipWhen(entry.WhyNot() is not null, $"{name}: {entry.WhyNot()}.");
        return entry;
    }
}
