using Caliper.Assembly;
using Caliper.Kernels.Convolution.Assembled;
using Iced.Intel;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Convolution.Tiles;

/// <summary>What the code of one layer depends on: layers that agree in it share their code.</summary>
/// <param name="Plan">How many tiles, and of what shape.</param>
/// <param name="StepsInLine">Steps that are written out, with the epilogue of the group before among them.</param>
/// <param name="HasLoop">Whether there are more steps.</param>
/// <param name="HasSkipped">Whether there are pixels that are not stored.</param>
/// <param name="Epilogue">What happens to the sums.</param>
internal readonly record struct AmxForm(AmxPlan Plan, int StepsInLine, bool HasLoop, bool HasSkipped, EpilogueForm Epilogue)
{
    /// <summary>The group's table.</summary>
    public GroupLayout Layout => new(Plan.Tiles, Plan.Rows, Epilogue.HasResidual);
}

/// <summary>
/// Writes the function that computes groups of pixels for one block of output channels. The sums of a group stay in tiles, beginning with
/// the bias, while 64 bytes of each pixel after the other are multiplied; then they are stored to the first cache. While the next group's
/// products are added, vectors finish them: the instructions of that stand among those for tiles, which another part of the processor does.
/// </summary>
internal sealed class AmxCode(CodeWriter code, AmxForm form)
{
    private const Register Table = Register.RSI, Steps = Register.RDX, Weights = Register.RCX, Moved = Register.RAX, StepsLeft = Register.RBX;
    private const Register PixelStride = Register.R9, RowBytes = Register.R10;
    private static readonly Register[] Inputs = [Register.R12, Register.R13, Register.R14];

    // The epilogue's pointers share registers with what only the loop or the third tile needs.
    private static readonly Register[] Outputs = [Register.R15, Register.RBP], Residuals = [Register.RBX, Register.R14];

    private AmxPlan Plan => form.Plan;

    /// <summary>Writes one function and returns its offset.</summary>
    /// <param name="vectors">Vectors of output channels.</param>
    /// <param name="channels">Output channels that exist.</param>
    public int WriteFunction(int vectors, int channels)
    {
        // The epilogue packs the lanes of a block whose weights lie as here: 16 quads a step.
        var layout = TileWeights.Layout(vectors, steps: 0, form.Epilogue);
        var epilogue = new EpilogueCode(code, form.Epilogue, layout, channels);
        var start = code.BeginFunction();
        code.Load(EpilogueCode.Block, GroupCall.At(GroupCall.BlockOffset));
        code.Load(EpilogueCode.Constants, GroupCall.At(GroupCall.ConstantsOffset));
        code.Load(Table, GroupCall.At(GroupCall.TableOffset));
        code.Load(PixelStride, GroupCall.At(GroupCall.StrideOffset));
        code.Set(RowBytes, CodeWriter.TileRowBytes);
        epilogue.Prepare(Register.RAX);
        epilogue.LoadRegisters();
        WriteGroup(layout, []);
        code.RepeatOthers(GroupCall.At(GroupCall.GroupsOffset), () => WriteGroup(layout, Pieces(layout, epilogue, groupsBack: 2)));
        foreach (var piece in Pieces(layout, epilogue, groupsBack: 1)) piece();
        code.EndFunction();
        return start;
    }

    /// <summary>Writes the functions that give the tiles their shape, and that give them back.</summary>
    public (int Configure, int Release) WriteFrame()
    {
        var configure = code.BeginPlain();
        code.ConfigureTiles(code.Constant(Plan.Shape()));
        code.EndPlain();
        var release = code.BeginPlain();
        code.ReleaseTiles();
        code.EndPlain();
        return (configure, release);
    }

    private void WriteGroup(BlockLayout layout, Action[] pieces)
    {
        for (var tile = 0; tile < Plan.Tiles; tile++)
        {
            code.Load(Inputs[tile], new Place(Table, form.Layout.Input(tile)));
            code.Add(Inputs[tile], GroupCall.At(GroupCall.InputOffset));
        }
        code.Advance(Table, form.Layout.ByteCount);
        code.Load(Steps, GroupCall.At(GroupCall.StepsOffset));
        code.PointAt(Weights, new Place(EpilogueCode.Block, layout.Weights));
        for (var tile = 0; tile < Plan.Tiles; tile++)
            for (var vector = 0; vector < layout.Vectors; vector++)
                code.LoadTile(Plan.Sums(tile, vector), new Place(EpilogueCode.Block, BlockLayout.Bias(vector)), Register.None);
        // Residual pointers take the third tile's register: with three tiles there is one of them at a time.
        var written = 0;
        for (var step = 0; step < form.StepsInLine; step++)
        {
            var end = pieces.Length * (step + 1) / form.StepsInLine;
            WriteStep(layout, pieces.AsSpan(written..end));
            written = end;
        }
        if (form.HasLoop)
        {
            code.Load(StepsLeft, GroupCall.At(GroupCall.LoopedStepsOffset));
            code.RepeatCounted(StepsLeft, () => WriteStep(layout, []));
        }
        for (var tile = 0; tile < Plan.Tiles; tile++)
            for (var vector = 0; vector < layout.Vectors; vector++)
                code.StoreTile(Sums(layout, tile * Plan.Rows) + 64 * vector, Plan.Sums(tile, vector), RowBytes, VectorsApart(layout));
    }

    /// <summary>Each tile of weights times each tile of pixels, pieces of the epilogue between them.</summary>
    private void WriteStep(BlockLayout layout, ReadOnlySpan<Action> pieces)
    {
        var (products, all, written) = (0, Plan.Tiles * layout.Vectors, 0);
        for (var vector = 0; vector < layout.Vectors; vector++)
        {
            code.LoadTile(Plan.Weights(vector), new Place(Weights, 64 * 16 * vector), RowBytes);
            for (var tile = 0; tile < Plan.Tiles; tile++)
            {
                if (vector == 0) code.LoadTile(Plan.Pixels(tile), new Place(Inputs[tile]), PixelStride);
                code.MultiplyTiles(Plan.Sums(tile, vector), Plan.Pixels(tile), Plan.Weights(vector));
                for (var end = pieces.Length * ++products / all; written < end; written++) pieces[written]();
            }
        }
        code.Load(Moved, new Place(Steps));
        for (var tile = 0; tile < Plan.Tiles; tile++) code.Add(Inputs[tile], Moved);
        code.Advance(Steps, sizeof(long));
        code.Advance(Weights, 64 * 16 * layout.Vectors);
    }

    /// <summary>The epilogue of a group whose table lies so many groups before, one or two pixels at a time.</summary>
    private Action[] Pieces(BlockLayout layout, EpilogueCode epilogue, int groupsBack)
    {
        var together = layout.Vectors > 2 || Plan.Tiles > 2 ? 1 : 2;
        return [.. Enumerable.Range(0, Plan.PixelsOfGroup).Chunk(together).Select<int[], Action>(pixels => () =>
        {
            for (var i = 0; i < pixels.Length; i++)
            {
                WritePointer(Outputs[i], GroupCall.OutputOffset, form.Layout.Output(pixels[i]), groupsBack);
                if (form.Epilogue.HasResidual)
                    WritePointer(Residuals[i], GroupCall.ResidualOffset, form.Layout.Residual(pixels[i]), groupsBack);
                for (var vector = 0; vector < layout.Vectors; vector++)
                    code.Load(i * layout.Vectors + vector, Sums(layout, pixels[i]) + 64 * vector);
            }
            epilogue.Write(0, Places(Outputs, pixels.Length), Places(Residuals, pixels.Length));
        })];

        static Place[] Places(Register[] registers, int count) => [.. registers.Take(count).Select(r => new Place(r))];
    }

    private void WritePointer(Register register, int tensor, int offset, int groupsBack)
    {
        var place = new Place(Table, offset - groupsBack * form.Layout.ByteCount);
        code.LoadInt(register, place);
        code.Add(register, GroupCall.At(tensor));
        if (form.HasSkipped) code.ReplaceIfNegative(register, place, GroupCall.At(GroupCall.NowhereOffset));
    }

    // Three vectors lie as far apart as four: a tile is stored at a distance that is a power of two.
    private static int VectorsApart(BlockLayout layout) => layout.Vectors == 3 ? 4 : layout.Vectors;

    private static Place Sums(BlockLayout layout, int pixel) =>
        GroupCall.At(GroupCall.Sums) + 64L * VectorsApart(layout) * pixel;

    /// <summary>Bytes of a thread's working memory.</summary>
    public static int ScratchBytes(AmxPlan plan) => GroupCall.Sums + 64 * (plan.Vectors == 3 ? 4 : plan.Vectors) * plan.PixelsOfGroup;
}
