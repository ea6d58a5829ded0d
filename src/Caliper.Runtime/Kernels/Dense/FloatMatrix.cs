using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caliper.Kernels.Dense;

/// <summary>Fills a panel with 32 columns of the right matrix, those past its end with zeros.</summary>
/// <param name="source">What it is made of: a <see cref="FloatMatrixView"/>, or an image.</param>
/// <param name="k">The first of its rows.</param>
/// <param name="inner">Rows.</param>
/// <param name="column">The first column.</param>
/// <param name="count">Columns that there are, at most 32.</param>
/// <param name="panel">32 floats for each row.</param>
internal unsafe delegate void PanelFill(nint source, int k, int inner, int column, int count, float* panel);

/// <summary>A matrix of floats: element (row, column) lies <c>row·RowStep + column·ColumnStep</c> floats after the first.</summary>
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
            {
                var line = y + (long)row * size.Columns;
                if (FloatVectors.AreWide(set)) AddLine<WideLanes>(a, b, line, row, size.Inner, size.Columns);
                else if (FloatVectors.Serve(set)) AddLine<NativeLanes>(a, b, line, row, size.Inner, size.Columns);
                else AddLine<OneLane>(a, b, line, row, size.Inner, size.Columns);
            }
            return;
        }
        Add(a, (nint)(&b), OfView, y, size, kernel);
    }

    /// <summary>One row of the product: eight vectors of it at a time, which stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddLine<T>(FloatMatrixView a, FloatMatrixView b, float* y, int row, int inner, int columns) where T : struct, ILanes<T>
    {
        var c = 0;
        for (; c <= columns - 8 * T.Count; c += 8 * T.Count)
        {
            var (y0, y1, y2, y3) = (At(0), At(1), At(2), At(3));
            var (y4, y5, y6, y7) = (At(4), At(5), At(6), At(7));
            for (var k = 0; k < inner; k++)
            {
                var (x, line) = (T.Of(*a.At(row, k)), (nint)b.At(k, c));
                (y0, y1, y2, y3) = (Next(x, line, 0, y0), Next(x, line, 1, y1), Next(x, line, 2, y2), Next(x, line, 3, y3));
                (y4, y5, y6, y7) = (Next(x, line, 4, y4), Next(x, line, 5, y5), Next(x, line, 6, y6), Next(x, line, 7, y7));
            }
            Put(0, y0);
            Put(1, y1);
            Put(2, y2);
            Put(3, y3);
            Put(4, y4);
            Put(5, y5);
            Put(6, y6);
            Put(7, y7);
        }
        for (; c <= columns - T.Count; c += T.Count)
        {
            var sum = At(0);
            for (var k = 0; k < inner; k++) sum = Next(T.Of(*a.At(row, k)), (nint)b.At(k, c), 0, sum);
            Put(0, sum);
        }
        for (; c < columns; c++)
            for (var k = 0; k < inner; k++) y[c] = MathF.FusedMultiplyAdd(*b.At(k, c), *a.At(row, k), y[c]);

        T At(int vector) => T.Load(y + c + vector * T.Count);
        void Put(int vector, T sum) => T.Store(sum, y + c + vector * T.Count);
        static T Next(T x, nint line, int vector, T sum) => T.Fma(T.Load((float*)line + vector * T.Count), x, sum);
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
        // Whole tiles are summed up where they are. Rows that there are not compute the last one again, for nobody.
        var isWhole = count == FloatProducts.Columns && rows == FloatProducts.Rows;
        var starts = stackalloc float*[2 * FloatProducts.Rows];
        var to = starts + FloatProducts.Rows;
        for (var r = 0; r < FloatProducts.Rows; r++)
        {
            starts[r] = a.At(row + Math.Min(r, rows - 1), k);
            to[r] = isWhole ? y + (long)r * size.Columns : sums + r * FloatProducts.Columns;
        }
        var tile = new ProductTile
        {
            Rows = starts,
            Step = a.ColumnStep,
            Taps = 1,
            Inner = inner,
            Panel = panel,
            Start = to[0],
            StartStep = isWhole ? size.Columns : FloatProducts.Columns,
            To = to,
            Count = rows,
        };
        for (var r = 0; r < rows && !isWhole; r++) new ReadOnlySpan<float>(y + (long)r * size.Columns, count).CopyTo(new Span<float>(to[r], count));
        kernel(&tile);
        for (var r = 0; r < rows && !isWhole; r++) new ReadOnlySpan<float>(to[r], count).CopyTo(new Span<float>(y + (long)r * size.Columns, count));
    }

    private static void Fill(nint source, int k, int inner, int column, int count, float* panel)
    {
        var b = *(FloatMatrixView*)source;
        if (b.ColumnStep == 1 && count == FloatProducts.Columns)
        {
            for (var i = 0; i < inner; i++, panel += FloatProducts.Columns)
            {
                var line = b.At(k + i, column);
                Vector512.Load(line).Store(panel);
                Vector512.Load(line + Vector512<float>.Count).Store(panel + Vector512<float>.Count);
            }
            return;
        }
        for (var i = 0; i < inner; i++, panel += FloatProducts.Columns)
        {
            if (b.ColumnStep == 1) new ReadOnlySpan<float>(b.At(k + i, column), count).CopyTo(new Span<float>(panel, count));
            else for (var c = 0; c < count; c++) panel[c] = *b.At(k + i, column + c);
            new Span<float>(panel + count, FloatProducts.Columns - count).Clear();
        }
    }
}
