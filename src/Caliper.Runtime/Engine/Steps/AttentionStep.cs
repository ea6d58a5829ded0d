using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Steps;

/// <summary>What is computed of the scores before Softmax, or of the shares after it.</summary>
/// <param name="Program">Functions of floats.</param>
/// <param name="Scores">Which of its inputs the scores are.</param>
/// <param name="Others">The other inputs, in order.</param>
internal sealed record AttentionPart(RowProgram Program, int Scores, AttentionOperand[] Others);

/// <summary>An operand whose rows go along those of the scores.</summary>
/// <param name="Place">Its first element.</param>
/// <param name="Offsets">Bytes from there to each matrix.</param>
/// <param name="RowStep">Bytes from a row to the next; 0 where one row serves all.</param>
/// <param name="Bytes">How many bytes it has.</param>
internal sealed record AttentionOperand(Place Place, long[] Offsets, long RowStep, long Bytes);

/// <summary>
/// Attention in float32: scores of some rows, what is done to them, their Softmax, what is done to that, and its product with the values. The
/// scores of a block of rows stay in the second cache, and go through the functions a few rows at a time, in the first; each number is computed as
/// by the operators one after the other.
/// </summary>
internal sealed unsafe class AttentionStep : Step
{
    // What the scores of a block may take, and the fewest rows that pay for panels of the right matrices; what functions take at a time.
    private const int BlockBytes = 1 << 17, FewestRows = 12, GroupFloats = 1 << 11;

    private readonly Place _queries, _keys, _values, _output;
    private readonly FloatStack _scores, _result;
    private readonly AttentionPart? _before, _after;
    private readonly KernelSet _set;
    private readonly int _rows, _group, _blocks;

    /// <summary>Plans it.</summary>
    /// <param name="operands">Queries, keys and values.</param>
    /// <param name="output">Where the result begins.</param>
    /// <param name="scores">The first product.</param>
    /// <param name="result">The second.</param>
    /// <param name="before">What is computed of the scores before Softmax, or null.</param>
    /// <param name="after">What is computed after it, or null.</param>
    /// <param name="set">Which kernels to take.</param>
    public AttentionStep((Place Queries, Place Keys, Place Values) operands, Place output, FloatStack scores, FloatStack result,
        AttentionPart? before, AttentionPart? after, KernelSet set)
    {
        ((_queries, _keys, _values), _output, _scores, _result, _before, _after, _set) = (operands, output, scores, result, before, after, set);
        _rows = Math.Min(scores.Rows, Math.Max(FewestRows, BlockBytes / sizeof(float) / scores.Columns / 6 * 6));
        _group = Math.Clamp(GroupFloats / scores.Columns, 1, _rows);
        _blocks = Sizes.CeilDiv(scores.Rows, _rows);
    }

    public override string Kernel => FloatVectors.NameFor(_set);

    public override int Units => checked(_scores.OffsetsA.Length * _blocks);

    // The scores of a block; then, for a few rows, operands that all rows share, and what the functions need.
    public override int ScratchBytes => checked(sizeof(float) * (_rows * _scores.Columns + GroupSize
        * Parts.Select(p => p.Others.Length + p.Program.ScratchTiles).DefaultIfEmpty().Max()));

    public override IEnumerable<Extent> Extents =>
    [
        Extent.Reads(_queries, _scores.SpanA), Extent.Reads(_keys, _scores.SpanB), Extent.Reads(_values, _result.SpanB),
        .. Parts.SelectMany(p => p.Others).Select(o => Extent.Reads(o.Place, new(0, o.Bytes))),
        Extent.Writes(_output, new(0, _result.OutputBytes)),
    ];

    public override IEnumerable<ConstantReach> Constants => Parts.SelectMany(p => p.Program.Constants);

    private int GroupSize => _group * _scores.Columns;

    private IEnumerable<AttentionPart> Parts => new[] { _before, _after }.OfType<AttentionPart>();

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var tile = (float*)context.Scratch;
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (matrix, block) = Math.DivRem(unit, _blocks);
            var row = block * _rows;
            var rows = Math.Min(_rows, _scores.Rows - row);
            var from = (float*)context.At(_queries) + _scores.OffsetsA[matrix] + (long)row * _scores.Inner;
            _scores.Run(from, (float*)context.At(_keys) + _scores.OffsetsB[matrix], tile, rows, _set);
            for (var first = 0; first < rows; first += _group)
            {
                var line = tile + (long)first * _scores.Columns;
                var count = Math.Min(_group, rows - first);
                if (_before is not null) Apply(context, _before, line, matrix, row + first, count);
                for (var r = 0; r < count; r++) FloatSoftmax.Row(line + r * _scores.Columns, line + r * _scores.Columns, _scores.Columns, _set);
                if (_after is not null) Apply(context, _after, line, matrix, row + first, count);
            }
            var to = (float*)context.At(_output) + ((long)matrix * _result.Rows + row) * _result.Columns;
            _result.Run(tile, (float*)context.At(_values) + _result.OffsetsB[matrix], to, rows, _set);
        }
    }

    private void Apply(in StepContext context, AttentionPart part, float* lines, int matrix, int row, int rows)
    {
        Span<nint> inputs = stackalloc nint[part.Others.Length + 1];
        var free = (float*)context.Scratch + (long)_rows * _scores.Columns;
        for (var i = 0; i < inputs.Length; i++)
        {
            if (i == part.Scores)
            {
                inputs[i] = (nint)lines;
                continue;
            }
            var other = part.Others[i < part.Scores ? i : i - 1];
            inputs[i] = (nint)(context.At(other.Place) + other.Offsets[matrix] + row * other.RowStep);
            if (other.RowStep > 0 || rows == 1) continue;
            var shared = new ReadOnlySpan<float>((float*)inputs[i], _scores.Columns);
            for (var r = 0; r < rows; r++) shared.CopyTo(new Span<float>(free + r * _scores.Columns, _scores.Columns));
            inputs[i] = (nint)free;
            free += GroupSize;
        }
        part.Program.Run(inputs, lines, rows * _scores.Columns, free);
    }
}
