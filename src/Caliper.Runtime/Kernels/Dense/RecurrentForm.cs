namespace Caliper.Kernels.Dense;

/// <summary>Which recurrent network it is, and so how many gates each unit has.</summary>
internal enum RecurrentKind
{
    /// <summary>One gate: the state.</summary>
    Simple = 1,

    /// <summary>Gated recurrent unit: update, reset, candidate.</summary>
    Gru = 3,

    /// <summary>Long short-term memory: input, output, forget, candidate.</summary>
    Lstm = 4,
}

/// <summary>A recurrent network without its numbers, as ONNX's LSTM, GRU and RNN say it.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Steps">Of the sequence.</param>
/// <param name="Batch">Sequences.</param>
/// <param name="Inputs">Numbers read at each step.</param>
/// <param name="Hidden">Units.</param>
/// <param name="AreBackward">For each direction, whether it goes from the last step to the first.</param>
internal sealed record RecurrentForm(RecurrentKind Kind, int Steps, int Batch, int Inputs, int Hidden, bool[] AreBackward)
{
    // Steps whose products with the input are computed at a time.
    private const int RowsAtOnce = 64;

    /// <summary>Whether the batch comes before the steps, in states before the directions.</summary>
    public bool IsBatchFirst { get; init; }

    /// <summary>What goes into a function is cut off here, on both sides.</summary>
    public float Clip { get; init; } = float.PositiveInfinity;

    /// <summary>Whether an LSTM forgets what its input gate does not let in.</summary>
    public bool CouplesForget { get; init; }

    /// <summary>Whether a GRU's reset gate is multiplied with the product of state and weights, not with the state.</summary>
    public bool ResetsAfter { get; init; }

    /// <summary>The functions of each direction: of gates, of the candidate, of an LSTM's cell.</summary>
    public required FloatFunction[][] Functions { get; init; }

    /// <summary>Gates of a unit.</summary>
    public int Gates => (int)Kind;

    /// <summary>Sums of a step: gates of all units.</summary>
    public int Sums => checked(Gates * Hidden);

    /// <summary>Directions.</summary>
    public int Directions => AreBackward.Length;

    /// <summary>Floats of a direction's packed weights.</summary>
    public int PackedWeights => checked(Sums * (Inputs + Hidden));

    /// <summary>Steps whose products with the input are computed at a time.</summary>
    public int StepsAtOnce => Math.Clamp(RowsAtOnce / Batch, 1, Math.Max(1, Steps));

    /// <summary>Floats of working memory besides weights.</summary>
    public int Scratch => checked(StepsAtOnce * Batch * (Inputs + Sums) + Sums + Batch * (Hidden * 2 + Sums) + 2 * Hidden);

    /// <summary>Where a step of a sequence begins among the inputs.</summary>
    public long InputAt(int step, int sequence) => (IsBatchFirst ? (long)sequence * Steps + step : (long)step * Batch + sequence) * Inputs;

    /// <summary>Where the units of a step begin among the outputs.</summary>
    public long OutputAt(int step, int direction, int sequence) => (IsBatchFirst
        ? ((long)sequence * Steps + step) * Directions + direction : ((long)step * Directions + direction) * Batch + sequence) * Hidden;

    /// <summary>Where the units of a state begin.</summary>
    public long StateAt(int direction, int sequence) =>
        (IsBatchFirst ? (long)sequence * Directions + direction : (long)direction * Batch + sequence) * Hidden;
}

/// <summary>Where the operands of a recurrent network are; those that it has not are null.</summary>
internal unsafe struct RecurrentOperands
{
    public float* Input, Bias, InitialState, InitialCell, Peepholes, Output, State, Cell;

    /// <summary>Steps of each sequence; all of them where it is null.</summary>
    public int* Lengths;
}
