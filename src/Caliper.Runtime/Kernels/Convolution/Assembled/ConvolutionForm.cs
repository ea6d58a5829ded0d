using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>What the code of one convolution depends on: layers that agree in it share their code.</summary>
/// <param name="Walk">The order in which a pixel reads its inputs.</param>
/// <param name="Input">Where the inputs of neighbouring output pixels lie.</param>
/// <param name="Output">Where output pixels lie.</param>
/// <param name="Residual">Where those of the residual's other operand lie.</param>
/// <param name="Epilogue">What happens to the sums.</param>
internal record ConvolutionForm(Walk Walk, Distances Input, Distances Output, Distances Residual, EpilogueForm Epilogue)
{
    /// <summary>The form of a layer that is cut in a certain way.</summary>
    public static ConvolutionForm Of(ConvolutionShape shape, Walk walk, EpilogueForm epilogue, OutputPlane plane, TilePlan plan, CoreCost core)
    {
        // The bands of a plane that is one row are pieces of that row.
        Distances Distance(PlaneStrides strides, int strideX = 1, int strideY = 1) =>
            new(strideX * strides.Pixel, plane.IsOneRow ? plan.Band.Columns * strides.Pixel : strideY * strides.Row);
        return new(walk, Distance(shape.Input, shape.StrideX, shape.StrideY), Distance(shape.Output),
            epilogue.HasResidual ? Distance(shape.Residual) : default, epilogue)
        {
            LinesAhead = core.ReadsAhead && walk is KernelWalk ? plan.LinesAhead(plane.Images) : 0,
        };
    }

    /// <summary>Lines of the next block that are asked for each time <see cref="ConvolutionCode.MaxQuadsInLine"/> quads are multiplied.</summary>
    public int LinesAhead { get; init; }

    /// <summary>Bytes of an input's element: how far apart the channels of a depthwise convolution are read.</summary>
    public virtual int InputSize => 1;

    /// <summary>What a function for some bands depends on. Depthwise code is told by the call how long rows are, so that it serves images of any
    /// size; and of a last band, which is computed alone, it does not matter how far the next one would be.</summary>
    public FunctionKey KeyOf(Band band, bool isLast, bool inHalves, int vectors, int channels)
    {
        if (Walk is ColumnWalk { KernelHeight: <= DepthwiseCode.MostRows } columns)
        {
            return new(WithoutRows() with { Walk = columns with { RowStride = 0 } }, inHalves,
                band with { WideTiles = Math.Min(band.WideTiles, 1) }, vectors, channels);
        }
        return new(isLast && band.Rows == 1 ? WithoutRows() : this, inHalves, band, vectors, channels);
    }

    private ConvolutionForm WithoutRows() =>
        this with { Input = Input with { Row = 0 }, Output = Output with { Row = 0 }, Residual = Residual with { Row = 0 } };

    /// <summary>Bytes from a row of the window to the one below, for code that is told so.</summary>
    public int ToRowBelow => Walk is ColumnWalk columns ? columns.RowStride : 0;

    /// <summary>What writes the code.</summary>
    /// <param name="code">What it is written to.</param>
    /// <param name="inHalves">Whether tiles are two halves.</param>
    public virtual BandCode Writer(CodeWriter code, bool inHalves) => Walk switch
    {
        ColumnWalk columns => new DepthwiseCode(code, this, columns),
        KernelWalk walk when inHalves => new AlternatingCode(code, this, walk),
        _ => new ConvolutionCode(code, this, (KernelWalk)Walk),
    };

    /// <summary>Whether instructions can hold the distances of a shape, which are of 32 bits.</summary>
    public static bool Fits(ConvolutionShape shape)
    {
        const long Reach = 1 << 30;
        // No tile is higher or wider than this; a single row has none below it.
        var (rows, columns) = (shape.OutputHeight > 1 ? 32L : 0, 32L);
        var taps = (shape.KernelHeight - 1L) * shape.DilationY * shape.Input.Row + (long)shape.KernelWidth * shape.DilationX * shape.Input.Pixel;
        return taps + Extent(shape.Input, shape.StrideY, shape.StrideX) < Reach
            && Extent(shape.Output) < Reach && Extent(shape.Residual) < Reach && 64L * shape.ProductsPerOutput < Reach;

        long Extent(PlaneStrides plane, int strideY = 1, int strideX = 1) =>
            rows * strideY * plane.Row + columns * strideX * plane.Pixel;
    }
}

/// <summary>Bytes from an output pixel's data to the next one's in a row, and to the row below.</summary>
internal readonly record struct Distances(int Pixel, int Row)
{
    /// <summary>The data of a pixel of a tile.</summary>
    public long To(int row, int column) => (long)row * Row + (long)column * Pixel;
}
