using System.Numerics;
using System.Runtime.CompilerServices;

namespace Caliper.Kernels.Dense;

/// <summary>Fills a panel with 32 columns of the right matrix, those behind its end with zeros.</summary>
/// <param name="source">What it is made of: a <see cref="FloatMatrixView"/>, or an image.</param>
/// <param name="k">The first of its rows.</param>
/// <param name="inner">Rows.</param>
/// <param name="column">The first column.</param>
/// <param name="count">Columns that there are, at most 32.</param>
/// <param name="panel">32 floats for each row.</param>
internal unsafe delegate void PanelFill(nint source, int k, int inner, int column, int count, float* panel);

/// <summary>A matrix of floats: element (row, column) lies <c>row·RowStep + column·ColumnStep</c> floats behind the first.</summary>
internal readonly unsafe record struct FloatMatrixView(nint First, long RowStep, long ColumnStep)
{
    public float* At(long row, long column) => (float*)First + row * RowStep + column * ColumnStep;
}

/// <summary>Products of matrices of floats, in panels that stay in the first cache: <c>y = Σ a·b</c> from k = 0 on, fused and added to what y
/// holds.</summary>
internal static unsafe class FloatMatrix
{
    // 32 columns of so many rows are half of a first cache.
    private const int InnerBlock = 192;

    // Fewer rows than this do not pay for a panel.
    private const int FewRows = 4;

    // Made once: a run allocates nothing.
    private static readonly PanelFill OfView = Fill;

    /// <summary>Adds <c>A·B</c> to y.</summary>
    public static void Add(
        FloatMatrixView a, FloatMatrixView b, float* y, (int Rows, int Inner, int Columns) size, ProductKernel kernel, KernelSet set)
    {
        if (size.Rows < FewRows && b.ColumnStep == 1)
        {
            for (var row = 0; row < size.Rows; row++)
                for (var k = 0; k < size.Inner; k++)
                    FloatLines.AddProduct(y + (long)row * size.Columns, b.At(k, 0), *a.At(row, k), size.Columns, set);
            return;
        }
        Add(a, (nint)(&b), OfView, y, size, kernel);
    }

    /// <summary>Adds <c>A·B</c> to y, B being made panel by panel.</summary>
    [SkipLocalsInit]
    public static void Add(FloatMatrixView a, nint source, PanelFill fill, float* y, (int Rows, int Inner, int Columns) size, ProductKernel kernel)
    {
        var memory = stackalloc float[InnerBlock * FloatProducts.Columns + FloatProducts.Rows * FloatProducts.Columns + 16];
        var panel = (float*)(((nint)memory + 63) & ~63);
        var sums = panel + InnerBlock * FloatProducts.Columns;
        for (var column = 0; column < size.Columns; column += FloatProducts.Columns)
        {
            var count = Math.Min(FloatProducts.Columns, size.Columns - column);
            for (var k = 0; k < size.Inner; k += InnerBlock)
            {
                var inner = Math.Min(InnerBlock, size.Inner - k);
                fill(source, k, inner, column, count, panel);
                for (var row = 0; row < size.Rows; row += FloatProducts.Rows)
                    Block(a, row, k, inner, panel, sums, y + (long)row * size.Columns + column, count, size, kernel);
            }
        }
    }

    private static void Block(FloatMatrixView a, int row, int k, int inner, float* panel, float* sums, float* y, int count,
        (int Rows, int Inner, int Columns) size, ProductKernel kernel)
    {
        var rows = Math.Min(FloatProducts.Rows, size.Rows - row);
        var starts = stackalloc float*[FloatProducts.Rows];
        // Rows that there are not compute the last one again, for nobody.
        for (var r = 0; r < FloatProducts.Rows; r++) starts[r] = a.At(row + Math.Min(r, rows - 1), k);
        for (var r = 0; r < rows; r++)
            new ReadOnlySpan<float>(y + (long)r * size.Columns, count).CopyTo(new Span<float>(sums + r * FloatProducts.Columns, count));
        kernel(starts, a.ColumnStep, panel, inner, sums);
        for (var r = 0; r < rows; r++)
            new ReadOnlySpan<float>(sums + r * FloatProducts.Columns, count).CopyTo(new Span<float>(y + (long)r * size.Columns, count));
    }

    private static void Fill(nint source, int k, int inner, int column, int count, float* panel)
    {
        var b = *(FloatMatrixView*)source;
        for (var i = 0; i < inner; i++, panel += FloatProducts.Columns)
        {
            if (b.ColumnStep == 1) new ReadOnlySpan<float>(b.At(k + i, column), count).CopyTo(new Span<float>(panel, count));
            else for (var c = 0; c < count; c++) panel[c] = *b.At(k + i, column + c);
            new Span<float>(panel + count, FloatProducts.Columns - count).Clear();
        }
    }
}

/// <summary>Operations on lines of floats, each element for itself.</summary>
internal static unsafe class FloatLines
{
    /// <summary><c>y = fma(x, factor, y)</c>.</summary>
    public static void AddProduct(float* y, float* x, float factor, int count, KernelSet set)
    {
        var i = 0;
        if (FloatVectors.Serve(set))
        {
            var f = new Vector<float>(factor);
            for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
                *(Vector<float>*)(y + i) = Vector.FusedMultiplyAdd(*(Vector<float>*)(x + i), f, *(Vector<float>*)(y + i));
        }
        for (; i < count; i++) y[i] = MathF.FusedMultiplyAdd(x[i], factor, y[i]);
    }

    /// <summary><c>y = y + x</c>.</summary>
    public static void Add(float* y, float* x, int count, KernelSet set)
    {
        var i = 0;
        if (FloatVectors.Serve(set))
            for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) *(Vector<float>*)(y + i) += *(Vector<float>*)(x + i);
        for (; i < count; i++) y[i] += x[i];
    }

    /// <summary><c>y = max(y, x)</c>, or the least.</summary>
    public static void Select(float* y, float* x, int count, bool isMax, KernelSet set)
    {
        var i = 0;
        if (FloatVectors.Serve(set))
        {
            for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
            {
                var (a, b) = (*(Vector<float>*)(y + i), *(Vector<float>*)(x + i));
                *(Vector<float>*)(y + i) = isMax ? Vector.Max(a, b) : Vector.Min(a, b);
            }
        }
        for (; i < count; i++) y[i] = isMax ? MathF.Max(y[i], x[i]) : MathF.Min(y[i], x[i]);
    }

    /// <summary><c>y = y · factor</c>.</summary>
    public static void Multiply(float* y, float factor, int count, KernelSet set)
    {
        var i = 0;
        if (FloatVectors.Serve(set))
            for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) *(Vector<float>*)(y + i) *= new Vector<float>(factor);
        for (; i < count; i++) y[i] *= factor;
    }
}
