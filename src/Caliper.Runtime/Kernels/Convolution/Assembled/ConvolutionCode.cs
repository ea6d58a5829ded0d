using Caliper.Assembly;
using Iced.Intel;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>
/// Convolution in which every output channel reads all input channels. For every tile, the sums begin with the bias; for every
/// window row, column and four channels the weights are loaded and each pixel's four inputs, copied to all lanes, are
/// multiplied with them and added; then the epilogue stores the bytes.
/// </summary>
internal class ConvolutionCode(CodeWriter code, ConvolutionForm form, KernelWalk walk) : BandCode(code, form)
{
    protected KernelWalk Walk => walk;

    // What the products are read through, and what counts.
    protected const Register Input = Register.RAX, Weights = Register.RCX;
    protected static readonly Register[] LevelsLeft = [Register.RBP, Register.RBX, Register.RDI];

    /// <summary>Quads written out one after another, so that counting costs nothing beside the products.</summary>
    public const int MaxQuadsInLine = 8;

    // How far the next block has been asked for: the register that a third level would count with, or the call's.
    private const Register Ahead = Register.RDI;

    private int LinesAhead => walk.Levels.Count < LevelsLeft.Length ? Form.LinesAhead : 0;

    protected override void Prepare(Band band, BlockLayout layout)
    {
        if (LinesAhead > 0) Code.PointAt(Ahead, new Place(EpilogueCode.Block, layout.ByteCount));
    }

    protected override void WriteTile(int rows, int columns, BlockLayout layout, EpilogueCode epilogue)
    {
        var tile = TileOf(rows, columns, layout);
        BeginWithBias(tile);
        Code.Copy(Input, TileInput);
        WriteProducts(tile);
        Finish(tile, epilogue, rows, columns);
    }

    /// <summary>Writes what becomes of the sums.</summary>
    protected virtual void Finish(Tile tile, EpilogueCode epilogue, int rows, int columns)
    {
        epilogue.LoadRegisters();
        epilogue.Write(tile.Sums, PixelsAt(TileOutput, Form.Output, rows, columns), PixelsAt(TileResidual, Form.Residual, rows, columns));
    }

    /// <summary>Adds the products of a quad.</summary>
    // Sums cannot overflow: the folded bias and all products together fit int32, and int32 wraps in between.
    protected virtual void MultiplyAccumulate(int sums, int input, int weights) => Code.MultiplyAccumulate(sums, input, weights);

    /// <summary>The pixels of a tile, their sums in the first registers.</summary>
    protected Tile TileOf(int rows, int columns, BlockLayout layout) => new(PixelsAt(Input, Form.Input, rows, columns), layout,
        Sums: 0, Weights: rows * columns * layout.Vectors, InputsEnd: CodeWriter.VectorCount);

    /// <summary>Where the pixels of a tile lie, row after row.</summary>
    protected static Place[] PixelsAt(Register tile, Distances distances, int rows, int columns) =>
        [.. Enumerable.Range(0, rows * columns).Select(p => new Place(tile, distances.To(p / columns, p % columns)))];

    /// <summary>All products of a tile, from where the input pointer is.</summary>
    protected void WriteProducts(Tile tile)
    {
        Code.PointAt(Weights, new Place(EpilogueCode.Block, tile.Layout.Weights));
        WriteLevels(0, tile);
    }

    /// <summary>The sums of every pixel begin with the bias.</summary>
    protected void BeginWithBias(Tile tile)
    {
        for (var vector = 0; vector < tile.Layout.Vectors; vector++)
        {
            Code.Load(tile.Sum(0, vector), new Place(EpilogueCode.Block, BlockLayout.Bias(vector)));
            for (var pixel = 1; pixel < tile.Pixels.Length; pixel++) Code.Copy(tile.Sum(pixel, vector), tile.Sum(0, vector));
        }
    }

    /// <summary>Writes the loops of a level of the walk and those inside it. Returns how far the input pointer has moved.</summary>
    protected int WriteLevels(int level, Tile tile)
    {
        var levels = walk.Levels;
        if (QuadsFrom(level) <= MaxQuadsInLine) return WriteInLine(level, tile);
        var (count, stride) = levels[level];
        if (level < levels.Count - 1)
        {
            Code.Repeat(LevelsLeft[level], count, () => Code.Advance(Input, stride - WriteLevels(level + 1, tile)));
            return count * stride;
        }
        WriteRun(LevelsLeft[level], count, stride, tile);
        return count * stride;
    }

    /// <summary>Quads at equal distances, some of them in a row, and those as often as needed.</summary>
    protected void WriteRun(Register counter, int count, int byteStride, Tile tile)
    {
        if (count == 0) return;
        var inLine = QuadsInLine(count);
        Code.Repeat(counter, count / inLine, () =>
        {
            for (var line = 0; line < LinesAhead; line++) Code.Prefetch(new Place(Ahead, 64 * line));
            Code.Advance(Ahead, 64 * LinesAhead);
            WriteQuads(Offsets(inLine, byteStride), tile, inLine * byteStride);
        });
        if (count % inLine > 0) WriteQuads(Offsets(count % inLine, byteStride), tile, count % inLine * byteStride);
    }

    protected static IEnumerable<int> Offsets(int count, int byteStride) => Enumerable.Range(0, count).Select(i => i * byteStride);

    // All remaining levels in a row, their offsets written into the instructions.
    protected int WriteInLine(int level, Tile tile, Queue<Instruction>? woven = null)
    {
        IEnumerable<int> offsets = [0];
        foreach (var (count, stride) in walk.Levels.Skip(level))
            offsets = offsets.SelectMany(o => Enumerable.Range(0, count).Select(i => o + i * stride));
        WriteQuads(offsets, tile, moved: 0, woven);
        return 0;
    }

    /// <summary>The products: each quad loads its weights once and multiplies them with four inputs of every pixel.</summary>
    /// <param name="offsets">What each quad adds to the input pointer.</param>
    /// <param name="tile">Pixels and registers.</param>
    /// <param name="moved">How far the input pointer is moved after them.</param>
    /// <param name="woven">Instructions to write among them, none where nothing is left.</param>
    protected void WriteQuads(IEnumerable<int> offsets, Tile tile, int moved, Queue<Instruction>? woven = null)
    {
        var (layout, input) = (tile.Layout, tile.Inputs);
        var all = offsets.ToArray();
        var gaps = all.Length * tile.Pixels.Length;
        for (var quad = 0; quad < all.Length; quad++)
        {
            for (var vector = 0; vector < layout.Vectors; vector++)
                Code.Load(tile.Weights + vector, new Place(Weights, quad * layout.QuadBytes + 64 * vector));
            for (var pixel = 0; pixel < tile.Pixels.Length; pixel++)
            {
                Code.Broadcast(input, tile.Pixels[pixel] + all[quad]);
                for (var vector = 0; vector < layout.Vectors; vector++)
                    MultiplyAccumulate(tile.Sum(pixel, vector), input, tile.Weights + vector);
                if (++input == tile.InputsEnd) input = tile.Inputs;
                if (woven is not null) Code.Weave(woven, (woven.Count + gaps - 1) / gaps);
                gaps--;
            }
        }
        Code.Advance(Input, moved);
        Code.Advance(Weights, all.Length * layout.QuadBytes);
    }

    private int QuadsFrom(int level) => walk.Levels.Skip(level).Aggregate(1, (quads, l) => quads * l.Count);

    // The most that divides the count, if that is not too few.
    private static int QuadsInLine(int count)
    {
        for (var quads = MaxQuadsInLine; quads > MaxQuadsInLine / 2; quads--)
            if (count % quads == 0) return quads;
        return MaxQuadsInLine;
    }
}
