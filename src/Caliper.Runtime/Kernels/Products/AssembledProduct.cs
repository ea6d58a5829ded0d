using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Assembly;
using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Assembled;

namespace Caliper.Kernels.Products;

/// <summary>
/// Products by the code of 1×1 convolutions: pixels are rows of the left matrix, copied side by side; weights are the right matrix, packed anew in
/// each run. What depends on the column is its bias, what depends on the row is added to the sums, both as
/// <see cref="VectorProduct{TDot, TVector}"/> explains. A unit is some rows.
/// </summary>
internal sealed unsafe class AssembledProduct : ProductKernel
{
    public static KernelEntry<ProductMaker> Entry { get; } = new("assembled", KernelSet.Assembled, WhyNot, TryCreate);

    // Below, copying and packing cost more than they save.
    private const int FewestRows = 4, FewestColumns = 8;
    private const long FewestProducts = 1 << 13, MostScratch = 1 << 24;

    // Code is written for its distances: they are rounded up, so that texts of many lengths share it.
    private const int InnerStep = 32, MostInner = 4096, ColumnStep = 64;

    private const int Lanes = ProductPacking.MostLanes, Vectors = 4, RowsOfTile = 6, RowsOfUnit = 4 * RowsOfTile;

    private readonly BandGrid _grid;
    private readonly int _rows, _deep, _wide;

    private AssembledProduct(ProductLayer layer, BandGrid grid, ConvolutionShape shape) : base(layer) =>
        (_grid, _rows, _deep, _wide) = (grid, shape.OutputWidth, shape.InputChannels, shape.Output.Pixel / sizeof(int));

    public override string Name => $"assembled {_grid.Plan}";

    public override int Units => Sizes.CeilDiv(Layer.Rows, _rows);

    // The packed matrix, a unit's rows, and their sums.
    public override int ScratchBytes => checked((int)(_grid.BlockPlan.ByteCount + _rows * (_deep + (long)_wide * sizeof(int))));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in ProductOperands operands, int unitStart, int unitEnd)
    {
        var blocks = operands.Scratch;
        var rows = blocks + _grid.BlockPlan.ByteCount;
        var sums = (int*)(rows + _rows * _deep);
        for (var block = 0; block < _grid.Blocks; block++) Pack(operands.B, blocks, block);
        var own = stackalloc int[RowsOfUnit];
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var first = unit * _rows;
            var count = Math.Min(_rows, Layer.Rows - first);
            for (var r = 0; r < count; r++)
            {
                var sum = ProductPacking.Row(operands.A + (first + r) * Layer.A.Row, Layer.A.Column, Layer.Inner, rows + r * _deep, _deep);
                own[r] = unchecked((128 - Layer.Form.ZeroB) * sum);
            }
            var call = new BandCall { Input = rows, Output = (byte*)sums, Block = blocks };
            _grid.Run(call, sizeof(int), constantsOfBlock: 0, 0, Sizes.CeilDiv(count, RowsOfTile), 0, _grid.Blocks);
            for (var r = 0; r < count; r++) Finish(operands.Output, first + r, sums + r * _wide, own[r]);
        }
    }

    /// <summary>Packs the columns of a block, and its bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pack(byte* matrix, byte* blocks, int block)
    {
        var (layout, offset) = _grid.BlockPlan.At(block);
        var (inner, strides, form) = (Layer.Inner, Layer.B, Layer.Form);
        var tile = stackalloc uint[ProductPacking.QuadsOfTile * Lanes];
        new Span<uint>(tile, ProductPacking.QuadsOfTile * Lanes).Clear();
        for (var vector = 0; vector < layout.Vectors; vector++)
        {
            var column = block * _grid.BlockPlan.ChannelsPerBlock + Lanes * vector;
            var lanes = Math.Clamp(Layer.Columns - column, 0, Lanes);
            var start = matrix + column * strides.Column;
            var packed = blocks + offset + layout.Weights + vector * Vector512<byte>.Count;
            var sums = Vector512<int>.Zero;
            for (var first = 0; first < layout.Quads; first += ProductPacking.QuadsOfTile)
            {
                ProductPacking.Tile(start + 4 * first * strides.Row, strides, inner - 4 * first, lanes, tile, Lanes);
                for (var quad = 0; quad < Math.Min(ProductPacking.QuadsOfTile, layout.Quads - first); quad++, packed += layout.QuadBytes)
                {
                    var weights = Vector512.Load((sbyte*)(tile + quad * Lanes));
                    weights.Store((sbyte*)packed);
                    sums += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512<byte>.One, weights), Vector512<short>.One);
                }
            }
            var bias = (int*)(blocks + offset + BlockLayout.Bias(vector));
            (Vector512.Create(unchecked(inner * form.ZeroA * (form.ZeroB - 128))) - form.ZeroA * sums).Store(bias);
        }
    }

    private static string? WhyNot() => AssembledCode.WhyNot ?? Machine.WithoutAvx512();

    private static AssembledProduct? TryCreate(ProductLayer layer, KernelResources resources)
    {
        if (layer.Rows < FewestRows || layer.Columns < FewestColumns || layer.Inner > MostInner || layer.MultiplyAdds < FewestProducts) return null;
        var (deep, wide) = (Sizes.RoundUp(layer.Inner, InnerStep), (long)Sizes.RoundUp(layer.Columns, ColumnStep));
        if (wide * Math.Max(deep, RowsOfUnit * sizeof(int)) > MostScratch / 2) return null;
        var shape = ShapeOf(Math.Min(RowsOfUnit, Sizes.RoundUp(layer.Rows, RowsOfTile)), deep, Sizes.RoundUp(layer.Columns, Lanes), (int)wide);
        var epilogue = EpilogueForm.Of(Epilogue.OfSums(Lanes))!.Value;
        var plane = OutputPlane.Of(shape, hasResidual: false);
        var plan = TilePlan.Create(plane, shape.OutputChannels, Vectors, RowsOfTile);
        // The next block lies in the first cache: nothing is to be asked for ahead.
        var form = ConvolutionForm.Of(shape, new KernelWalk(shape), epilogue, plane, plan, CoreCost.Of(resources.Core)) with { LinesAhead = 0 };
        return BandGrid.TryCreate(shape, plane, plan, form, resources) is { } grid ? new AssembledProduct(layer, grid, shape) : null;
    }

    /// <summary>The rows of a unit as pixels of one row, for sums.</summary>
    private static ConvolutionShape ShapeOf(int rows, int deep, int columns, int wide) => new()
    {
        Images = 1,
        OutputHeight = 1,
        OutputWidth = rows,
        InputChannels = deep,
        OutputChannels = columns,
        KernelHeight = 1,
        KernelWidth = 1,
        Input = new(deep, rows * deep, rows * deep),
        Output = new(wide * sizeof(int), rows * wide * sizeof(int), rows * wide * sizeof(int)),
    };
}
