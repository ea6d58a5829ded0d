using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Assembly;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Tiles;

namespace Caliper.Kernels.Products;

/// <summary>
/// Products by the tile unit: a 1×1 convolution whose pixels are the rows of the left matrix, read where they lie, and whose weights are the
/// right matrix, packed anew in each run. What depends on the column is its bias, what depends on the row is added to the sums, both as
/// <see cref="VectorProduct{TDot, TVector}"/> explains. A unit is a group of tiles.
/// </summary>
internal sealed unsafe class AmxProduct : ProductKernel
{
    public static KernelEntry<ProductMaker> Entry { get; } = new("amx", KernelSet.Amx, WhyNot, TryCreate);

    // Below, packing costs more than it saves.
    private const int FewestRows = 8;
    private const long FewestProducts = 1 << 15;
    private const long MostScratch = 1 << 24;

    private const int Lanes = ProductPacking.MostLanes, TileBytes = CodeWriter.TileRows * CodeWriter.TileRowBytes;

    private readonly AmxConvolution _kernel;
    private readonly int _rowsAtOnce;

    private AmxProduct(ProductLayer layer, AmxConvolution kernel, int rowsAtOnce) : base(layer) => (_kernel, _rowsAtOnce) = (kernel, rowsAtOnce);

    public override string Name => _kernel.Name;

    public override int Units => _kernel.Units;

    // The packed matrix, what the kernel needs, and the sums of a unit.
    public override int ScratchBytes => (int)ScratchOf(Layer, _kernel, _rowsAtOnce);

    public override int ReadsAfter => ConvolutionReach.ReadsAfter;

    private static long ScratchOf(ProductLayer layer, AmxConvolution kernel, int rows) =>
        kernel.BytesOfBlocks + kernel.ScratchBytes + (long)rows * layer.Columns * sizeof(int);

    public override void Run(in ProductOperands operands, int unitStart, int unitEnd)
    {
        var blocks = operands.Scratch;
        var sums = (int*)(blocks + _kernel.BytesOfBlocks + _kernel.ScratchBytes);
        for (var block = 0; block < _kernel.Blocks; block++) Pack(operands.B, blocks, block);
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (first, end) = (_kernel.FirstPixelOf(unit), _kernel.FirstPixelOf(unit + 1));
            // The kernel counts from the whole result's first row.
            var convolution = new ConvolutionOperands
            {
                Input = operands.A,
                Output = (byte*)(sums - (long)first * Layer.Columns),
                Scratch = blocks + _kernel.BytesOfBlocks,
            };
            _kernel.Run(convolution, blocks, unit, unit + 1, 0, _kernel.Blocks);
            for (var row = first; row < end; row++)
            {
                var own = Layer.Form.ZeroB == 128 ? 0 : (128 - Layer.Form.ZeroB) * SumOf(operands.A + row * Layer.A.Row, Layer.Inner);
                Finish(operands.Output, row, sums + (long)(row - first) * Layer.Columns, own);
            }
        }
    }

    /// <summary>Packs the columns of a block, and its bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pack(byte* matrix, byte* blocks, int block)
    {
        var (layout, offset) = _kernel.BlockAt(block);
        var (inner, strides, form) = (Layer.Inner, Layer.B, Layer.Form);
        var bias = (int*)(blocks + offset);
        for (var vector = 0; vector < layout.Vectors; vector++)
        {
            var column = block * _kernel.ChannelsPerBlock + Lanes * vector;
            var lanes = Math.Min(Lanes, Layer.Columns - column);
            var start = matrix + column * strides.Column;
            var sums = Vector512<int>.Zero;
            for (var quad = 0; quad < layout.Quads; quad += ProductPacking.QuadsOfTile, start += StepWalk.StepBytes * strides.Row)
            {
                // A tile of each vector, then the next tile of each.
                var packed = blocks + offset + layout.Weights + (long)quad * layout.QuadBytes + vector * TileBytes;
                ProductPacking.Tile(start, strides, inner - 4 * quad, lanes, (uint*)packed, Lanes);
                for (var at = 0; at < TileBytes; at += Vector512<byte>.Count)
                {
                    var pairs = Avx512BW.MultiplyAddAdjacent(Vector512<byte>.One, Vector512.Load((sbyte*)packed + at));
                    sums += Avx512BW.MultiplyAddAdjacent(pairs, Vector512<short>.One);
                }
            }
            (Vector512.Create(unchecked(inner * form.ZeroA * (form.ZeroB - 128))) - form.ZeroA * sums).Store(bias + Lanes * vector);
        }
    }

    /// <summary>The sum of a row's bytes; what is loaded after them does not count.</summary>
    private static int SumOf(byte* row, int count)
    {
        var (sums, i) = (Vector512<ulong>.Zero, 0);
        for (; i <= count - 64; i += 64) sums += Avx512BW.SumAbsoluteDifferences(Vector512.Load(row + i), Vector512<byte>.Zero).AsUInt64();
        if (i < count)
        {
            var counts = Vector512.LessThan(Vector512<byte>.Indices, Vector512.Create((byte)(count - i)));
            sums += Avx512BW.SumAbsoluteDifferences(Vector512.Load(row + i) & counts, Vector512<byte>.Zero).AsUInt64();
        }
        return (int)Vector512.Sum(sums);
    }

    private static string? WhyNot() => TileUnit.WhyNot ?? Machine.WithoutAvx512();

    private static AmxProduct? TryCreate(ProductLayer layer, KernelResources resources)
    {
        if (layer.Rows < FewestRows || layer.MultiplyAdds < FewestProducts || (long)layer.Columns * layer.Inner > MostScratch) return null;
        // A row of a tile is 64 bytes side by side.
        if (layer.A.Column != 1 || layer.A.Row <= 0 || layer.A.Row * layer.Rows > int.MaxValue) return null;
        var convolution = Convolution(layer);
        var cost = AmxCost.Of(convolution.Shape, new StepWalk(convolution.Shape), hasResidual: false);
        var plan = AmxPlan.Cheapest(convolution.Shape, cost);
        if (AmxConvolution.TryCreate(convolution, resources, plan, hasWeights: false) is not { } kernel) return null;
        var rows = Enumerable.Range(0, kernel.Units).Max(unit => kernel.FirstPixelOf(unit + 1) - kernel.FirstPixelOf(unit));
        return ScratchOf(layer, kernel, rows) <= MostScratch ? new AmxProduct(layer, kernel, rows) : null;
    }

    /// <summary>The rows of the left matrix as pixels of one row, for sums.</summary>
    private static ConvolutionLayer Convolution(ProductLayer layer)
    {
        var (input, output) = ((int)layer.A.Row * layer.Rows, checked(layer.Rows * layer.Columns * sizeof(int)));
        var shape = new ConvolutionShape
        {
            Images = 1,
            OutputHeight = 1,
            OutputWidth = layer.Rows,
            InputChannels = layer.Inner,
            OutputChannels = layer.Columns,
            KernelHeight = 1,
            KernelWidth = 1,
            Input = new((int)layer.A.Row, input, input),
            Output = new(layer.Columns * sizeof(int), output, output),
        };
        return new("product", shape, new(new sbyte[layer.Columns * layer.Inner], new int[layer.Columns]), new int[layer.Columns], 0,
            Epilogue.OfSums(layer.Columns));
    }
}
