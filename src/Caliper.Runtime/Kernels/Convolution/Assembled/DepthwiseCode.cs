using Caliper.Assembly;
using Iced.Intel;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>
/// Depthwise convolution of up to 64 channels. Input columns are read from left to right, once each: the bytes of up to four
/// rows are interleaved so that a lane holds four taps of one channel, and every output that has this column in its window
/// takes its products, of two output rows where both read these rows. Outputs are begun with the bias at their first column and stored after
/// their last.
/// </summary>
internal sealed class DepthwiseCode(CodeWriter code, ConvolutionForm form, ColumnWalk walk) : BandCode(code, form)
{
    // 64 channels are spread over four vectors, in an order that packing turns round.
    private const int MostVectors = 4;

    // Where interleaving leaves its vectors; it takes registers 0 to 4.
    private static readonly int[] Interleaved = [0, 4, 2, 3];
    private const int Sums = 5;

    // Where the window's rows below the first are, in code that is told by the call how far apart they lie.
    private static readonly Register[] RowsBelow = [Register.RBX, Register.RBP, Register.R12, Register.R13, Register.RAX, OutputBelow];

    /// <summary>The most rows of a window of which code is told how far apart they lie.</summary>
    public const int MostRows = 7;

    // Where the second output row is.
    private const Register OutputBelow = Register.RCX;

    // Of the block, and of the band.
    private int _vectors = MostVectors, _rows = 1;

    // A block of fewer channels brings four to each quarter of each vector that it has, and out of them again.
    private bool IsNarrow => _vectors < MostVectors;

    private int ToQuarters => Sums + _vectors * walk.OutputsInFlight * _rows;

    private int FromQuarters => ToQuarters + 1;

    private int FirstWeight => ToQuarters + (IsNarrow ? 2 : 0);

    /// <summary>Whether the registers suffice for the outputs in flight.</summary>
    public static bool Fits(ColumnWalk walk) => Sums + MostVectors * walk.OutputsInFlight * walk.OutputRows <= CodeWriter.VectorCount;

    private bool HoldsWeights => FirstWeight + _vectors * walk.Quads <= CodeWriter.VectorCount;

    protected override void Prepare(Band band, BlockLayout layout)
    {
        (_vectors, _rows) = (layout.Vectors, band.Rows);
        if (IsNarrow)
        {
            Code.Load(ToQuarters, Code.Constant(LaneOrders.ToQuarters(_vectors)));
            Code.Load(FromQuarters, Code.Constant(LaneOrders.FromQuarters(_vectors)));
        }
        if (!HoldsWeights) return;
        for (var i = 0; i < _vectors * walk.Quads; i++) Code.Load(FirstWeight + i, Weights(layout, i));
    }

    private bool IsOfAnySize => walk.RowStride == 0;

    // Rows that a band's outputs read together.
    private int RowsRead => walk.KernelHeight + _rows - 1;

    private IEnumerable<Register> Pointers => IsOfAnySize ? RowsBelow.Take(RowsRead - 1) : [];

    protected override void BeginBand()
    {
        base.BeginBand();
        var above = TileInput;
        foreach (var row in Pointers)
        {
            Code.Copy(row, above);
            Code.Add(row, BandCall.At(BandCall.ToRowBelowOffset));
            above = row;
        }
        if (_rows == 1) return;
        Code.Copy(OutputBelow, TileOutput);
        Code.Add(OutputBelow, BandCall.At(BandCall.ToNextOutputOffset));
    }

    protected override void RepeatTiles(int tiles, Action body)
    {
        if (!IsOfAnySize || tiles == 0)
        {
            base.RepeatTiles(tiles, body);
            return;
        }
        Code.Load(TilesLeft, BandCall.At(BandCall.TilesOffset));
        Code.RepeatCounted(TilesLeft, body);
    }

    protected override void NextTile(int columns)
    {
        base.NextTile(columns);
        foreach (var row in Pointers) Code.Advance(row, columns * Form.Input.Pixel);
        if (_rows > 1) Code.Advance(OutputBelow, columns * Form.Output.Pixel);
    }

    protected override void NextBand(int rows)
    {
        base.NextBand(rows);
        if (!IsOfAnySize) return;
        for (var row = 0; row < rows; row++)
        {
            Code.Add(BandInput, BandCall.At(BandCall.ToNextInputOffset));
            Code.Add(BandOutput, BandCall.At(BandCall.ToNextOutputOffset));
        }
    }

    protected override void WriteTile(int rows, int columns, BlockLayout layout, EpilogueCode epilogue)
    {
        var read = (columns - 1) * walk.StrideX + (walk.KernelWidth - 1) * walk.DilationX + 1;
        for (var column = 0; column < read; column++)
        {
            // The window columns under which this input column lies, with the outputs that they belong to.
            var uses = Enumerable.Range(0, walk.KernelWidth)
                .Select(tap => (tap, distance: column - tap * walk.DilationX))
                .Where(u => u.distance >= 0 && u.distance % walk.StrideX == 0 && u.distance / walk.StrideX < columns)
                .Select(u => (u.tap, output: u.distance / walk.StrideX)).ToArray();
            var all = uses.SelectMany(u => Enumerable.Range(0, rows).Select(row => (u.tap, u.output, row, sums: SumsOf(row, u.output)))).ToArray();
            foreach (var use in all.Where(u => u.tap == 0)) BeginWithBias(use.sums, layout);
            for (var group = 0; group < walk.Groups && uses.Length > 0; group++)
            {
                Interleave(group, (long)column * walk.TapStride);
                foreach (var use in all) MultiplyAccumulate(use.sums, walk.Quad(use.row, group, use.tap), layout);
            }
            foreach (var use in all.Where(u => u.tap == walk.KernelWidth - 1))
            {
                var to = new Place(use.row == 0 ? TileOutput : OutputBelow, (long)use.output * Form.Output.Pixel);
                // What was interleaved of the column has met all its outputs.
                if (Form.Epilogue.IsWide) epilogue.WriteSpreadLanes(to, use.sums, free: 0);
                else epilogue.WritePixel(to, use.sums, FromQuarters);
            }
        }
    }

    private int SumsOf(int row, int output) => Sums + _vectors * (row * walk.OutputsInFlight + output % walk.OutputsInFlight);

    private static Place Weights(BlockLayout layout, int vector) => new(EpilogueCode.Block, layout.Weights + 64 * vector);

    private void BeginWithBias(int sums, BlockLayout layout)
    {
        for (var vector = 0; vector < layout.Vectors; vector++)
            Code.Load(sums + vector, new Place(EpilogueCode.Block, BlockLayout.Bias(vector)));
    }

    // Sums cannot overflow: the folded bias and all products together fit int32, and int32 wraps in between.
    private void MultiplyAccumulate(int sums, int quad, BlockLayout layout)
    {
        for (var vector = 0; vector < _vectors; vector++)
        {
            var weight = _vectors * quad + vector;
            var column = Interleaved[vector];
            if (HoldsWeights) Code.MultiplyAccumulate(sums + vector, column, FirstWeight + weight);
            else Code.MultiplyAccumulate(sums + vector, column, Weights(layout, weight));
        }
    }

    /// <summary>
    /// Brings up to four rows of a column into the block's vectors, v of them: in quarter i, lane j of vector k the rows' bytes of channel
    /// 4 v i + 4 k + j. A row that the window does not have is another one's copy; its weights are 0.
    /// </summary>
    private void Interleave(int group, long column)
    {
        var rows = Math.Min(ColumnWalk.RowsOfQuad, RowsRead - ColumnWalk.RowsOfQuad * group);
        for (var row = 0; row < rows; row++)
        {
            var below = ColumnWalk.RowsOfQuad * group + row;
            var from = IsOfAnySize && below > 0 ? new Place(RowsBelow[below - 1], column)
                : new Place(TileInput, column + (long)below * walk.RowStride);
            if (IsNarrow) Code.LoadPermuted(1 + row, ToQuarters, from);
            else Code.Load(1 + row, from);
        }
        // Bytes of rows 0 and 1 in turn, then of rows 2 and 3; what is overwritten has been read for the last time.
        var second = rows > 1 ? 2 : 1;
        var hasUpper = _vectors > 2;
        Code.InterleaveLowerBytes(0, 1, second);
        if (hasUpper) Code.InterleaveUpperBytes(1, 1, second);
        if (rows > 2)
        {
            var fourth = rows > 3 ? 4 : 3;
            Code.InterleaveLowerBytes(2, 3, fourth);
            if (hasUpper) Code.InterleaveUpperBytes(3, 3, fourth);
        }
        var (lower, upper) = rows > 2 ? (2, 3) : (0, 1);
        if (_vectors > 1) Code.InterleaveUpperWords(4, 0, lower);
        Code.InterleaveLowerWords(0, 0, lower);
        if (_vectors > 2) Code.InterleaveLowerWords(2, 1, upper);
        if (_vectors > 3) Code.InterleaveUpperWords(3, 1, upper);
    }
}
