using Caliper.Assembly;
using Iced.Intel;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>
/// Convolution with few products for each output, so that the epilogue weighs; but it needs other parts of the processor than
/// products do. A tile is therefore two halves with registers of their own: while one half's products are added, the
/// instructions that finish the other half's sums stand between them.
/// </summary>
internal sealed class AlternatingCode(CodeWriter code, ConvolutionForm form, KernelWalk walk) : ConvolutionCode(code, form, walk)
{
    /// <summary>Registers of sums, both halves together; the others hold weights, inputs and what the epilogue needs.</summary>
    public const int Sums = 24;

    // Quads among which an epilogue is woven.
    private const int MaxWovenQuads = 16;

    protected override void WriteBands(Band band, BlockLayout layout, EpilogueCode epilogue)
    {
        epilogue.LoadRegisters();
        if (band is { WideTiles: 1, LastColumns: 0 })
        {
            BeginBand();
            // Every band is one tile, and the next tile the next band.
            WriteTiles(BandsLeft, band.Columns, layout, epilogue, NextOfBand, distances => distances.Row);
            return;
        }
        Code.RepeatCounted(BandsLeft, () =>
        {
            BeginBand();
            Code.Set(TilesLeft, band.WideTiles);
            WriteTiles(
                TilesLeft, band.Columns, layout, epilogue, () => NextTile(band.Columns), distances => band.Columns * distances.Pixel);
            NextTile(band.Columns);
            if (band.LastColumns > 0) WriteTile(1, band.LastColumns, layout, epilogue);
            NextBand(1);
        });
    }

    /// <summary>Tile after tile: first half, second half with the first one's epilogue; next tile's first half with the second
    /// one's epilogue, and so on.</summary>
    private void WriteTiles(
        Register counter, int columns, BlockLayout layout, EpilogueCode epilogue, Action next, Func<Distances, int> bytesToNext)
    {
        var first = new Half(0, (columns + 1) / 2, 0);
        var second = new Half(first.Pixels, columns - first.Pixels, first.Pixels * layout.Vectors);
        WriteProducts(first, layout, []);
        Code.RepeatBetween(counter,
            body: () => WriteProducts(second, layout, Code.Record(() => Finish(first, _ => 0, epilogue))),
            between: () =>
            {
                next();
                WriteProducts(first, layout, Code.Record(() => Finish(second, distances => -bytesToNext(distances), epilogue)));
            });
        Finish(second, _ => 0, epilogue);
    }

    private void NextOfBand()
    {
        NextBand(1);
        BeginBand();
    }

    private void WriteProducts(Half half, BlockLayout layout, Queue<Instruction> woven)
    {
        // Inputs take turns in the registers that the epilogue leaves; with four vectors it leaves its first one.
        var end = layout.Vectors == 4 ? EpilogueCode.FirstRegister + 1 : EpilogueCode.FirstRegister;
        var tile = new Tile(half.Places(new Place(Input), Form.Input), layout, half.Sums, Sums, end);
        BeginWithBias(tile);
        Code.Copy(Input, TileInput);
        Code.PointAt(Weights, new Place(EpilogueCode.Block, layout.Weights));
        if (Walk.Quads <= MaxWovenQuads) WriteInLine(0, tile, woven);
        else WriteFirst(0, tile, woven);
    }

    /// <summary>A level of the walk and those inside it, with the recorded instructions among the very first quads. Returns how
    /// far the input pointer has moved.</summary>
    private int WriteFirst(int level, Tile tile, Queue<Instruction> woven)
    {
        var (count, stride) = Walk.Levels[level];
        if (level == Walk.Levels.Count - 1)
        {
            var inLine = Math.Min(count, MaxWovenQuads);
            WriteQuads(Offsets(inLine, stride), tile, inLine * stride, woven);
            WriteRun(LevelsLeft[level], count - inLine, stride, tile);
            return count * stride;
        }
        Code.Advance(Input, stride - WriteFirst(level + 1, tile, woven));
        Code.Repeat(LevelsLeft[level], count - 1, () => Code.Advance(Input, stride - WriteLevels(level + 1, tile)));
        return count * stride;
    }

    private void Finish(Half half, Func<Distances, int> moved, EpilogueCode epilogue) => epilogue.Write(
        half.Sums,
        half.Places(new Place(TileOutput, moved(Form.Output)), Form.Output),
        half.Places(new Place(TileResidual, moved(Form.Residual)), Form.Residual));

    /// <summary>Some of a tile's pixels.</summary>
    private readonly record struct Half(int FirstPixel, int Pixels, int Sums)
    {
        public Place[] Places(Place tile, Distances distances) =>
            [.. Enumerable.Range(FirstPixel, Pixels).Select(column => tile + distances.To(0, column))];
    }
}
