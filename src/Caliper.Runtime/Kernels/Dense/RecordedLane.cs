namespace Caliper.Kernels.Dense;

/// <summary>
/// A lane that does not compute but writes down what it is asked to: whoever runs a function on it once knows the function's steps, and can
/// write code of them. So a function is written in one place, whether one number goes through it, eight, sixteen, or a chain of functions
/// that never leaves the registers.
/// </summary>
/// <param name="step">The step of <see cref="Recording.Current"/> that gives its number.</param>
internal readonly unsafe struct RecordedLane(int step) : ILanes<RecordedLane>
{
    private const uint SignBit = 0x8000_0000, WithoutSign = 0x7FFF_FFFF;

    /// <summary>The step that gives the number.</summary>
    public int Step => step;

    // As vectors, functions take the form that suits many.
    public static int Count => 16;

    public static RecordedLane Of(float value) => new(Recording.Current.Constant(value));

    public static RecordedLane Load(float* from) => throw new NotSupportedException();

    public static void Store(RecordedLane x, float* to) => throw new NotSupportedException();

    public static RecordedLane Pick(float* from, int* places) => throw new NotSupportedException();

    public static RecordedLane operator +(RecordedLane a, RecordedLane b) => Write(RecordedKind.Add, a, b);

    public static RecordedLane operator -(RecordedLane a, RecordedLane b) => Write(RecordedKind.Subtract, a, b);

    public static RecordedLane operator *(RecordedLane a, RecordedLane b) => Write(RecordedKind.Multiply, a, b);

    public static RecordedLane operator /(RecordedLane a, RecordedLane b) => Write(RecordedKind.Divide, a, b);

    public static RecordedLane operator -(RecordedLane x) => Write(RecordedKind.ExclusiveOr, x, Bits(SignBit));

    public static RecordedLane Fma(RecordedLane a, RecordedLane b, RecordedLane c) => new(Recording.Current.Add(
        new(RecordedKind.MultiplyAdd, a.Step, b.Step, c.Step)));

    public static RecordedLane Min(RecordedLane a, RecordedLane b) => Write(RecordedKind.Minimum, a, b);

    public static RecordedLane Max(RecordedLane a, RecordedLane b) => Write(RecordedKind.Maximum, a, b);

    public static RecordedLane Between(RecordedLane x, float least, float greatest) =>
        Write(RecordedKind.NativeMinimum, Of(greatest), Write(RecordedKind.NativeMaximum, Of(least), x));

    // Nobody knows: the way that is right for all numbers.
    public static bool AreZeroOrBetween(RecordedLane x, float least, float greatest) => false;

    public static RecordedLane Sqrt(RecordedLane x) => Write(RecordedKind.Root, x);

    public static RecordedLane Abs(RecordedLane x) => Write(RecordedKind.And, x, Bits(WithoutSign));

    public static RecordedLane Floor(RecordedLane x) => Write(RecordedKind.Floor, x);

    public static RecordedLane Ceiling(RecordedLane x) => Write(RecordedKind.Ceiling, x);

    public static RecordedLane Round(RecordedLane x) => Write(RecordedKind.Round, x);

    public static RecordedLane CopySign(RecordedLane x, RecordedLane sign) => new(Recording.Current.Add(
        new(RecordedKind.BitSelect, Bits(WithoutSign).Step, x.Step, sign.Step)));

    public static RecordedLane WhereNotLess(RecordedLane a, RecordedLane b, RecordedLane then, RecordedLane otherwise) =>
        new(Recording.Current.Add(new(RecordedKind.WhereNotLess, a.Step, b.Step, then.Step, otherwise.Step)));

    public static RecordedLane Scale(RecordedLane x, RecordedLane n) => Write(RecordedKind.Scale, x, n);

    private static RecordedLane Bits(uint bits) => new(Recording.Current.Constant(bits));

    private static RecordedLane Write(RecordedKind kind, RecordedLane a) => new(Recording.Current.Add(new(kind, a.Step)));

    private static RecordedLane Write(RecordedKind kind, RecordedLane a, RecordedLane b) => new(Recording.Current.Add(new(kind, a.Step, b.Step)));
}
