namespace Caliper.Kernels.Dense;

/// <summary>Some floats side by side, of which functions are made: one of them is the definition, and each operation rounds alike, so that
/// however many go at a time, each has the same bits.</summary>
internal unsafe interface ILanes<T> where T : struct, ILanes<T>
{
    /// <summary>How many.</summary>
    static abstract int Count { get; }

    /// <summary>The same number in each.</summary>
    static abstract T Of(float value);

    static abstract T Load(float* from);

    static abstract void Store(T x, float* to);

    /// <summary>Elements at places that rise, the last of them less than a vector after the first; what lies between is read, and a vector from
    /// the first on.</summary>
    static abstract T Pick(float* from, int* places);

    static abstract T operator +(T a, T b);

    static abstract T operator -(T a, T b);

    static abstract T operator *(T a, T b);

    static abstract T operator /(T a, T b);

    static abstract T operator -(T x);

    /// <summary><c>a·b + c</c>, rounded once.</summary>
    static abstract T Fma(T a, T b, T c);

    static abstract T Min(T a, T b);

    static abstract T Max(T a, T b);

    /// <summary>Cut off below and above; what is no number stays none.</summary>
    static abstract T Between(T x, float least, float greatest);

    /// <summary>Whether each number is 0, or lies between two that are greater.</summary>
    static abstract bool AreZeroOrBetween(T x, float least, float greatest);

    static abstract T Sqrt(T x);

    static abstract T Abs(T x);

    static abstract T Floor(T x);

    static abstract T Ceiling(T x);

    /// <summary>To the nearest whole number, ties to the even one.</summary>
    static abstract T Round(T x);

    /// <summary>A number with the sign of another.</summary>
    static abstract T CopySign(T x, T sign);

    /// <summary>One number where <c>a ≥ b</c>, another elsewhere.</summary>
    static abstract T WhereNotLess(T a, T b, T then, T otherwise);

    /// <summary><c>x·2ⁿ</c>, n being whole and between −150 and 150. In two factors: at either end 2ⁿ is no normal number itself.</summary>
    static abstract T Scale(T x, T n);
}

/// <summary>One float: the definition.</summary>
internal readonly unsafe struct OneLane(float value) : ILanes<OneLane>
{
    public readonly float Value = value;

    public static int Count => 1;

    public static OneLane Of(float value) => new(value);

    public static OneLane Load(float* from) => new(*from);

    public static void Store(OneLane x, float* to) => *to = x.Value;

    public static OneLane Pick(float* from, int* places) => new(from[*places]);

    public static OneLane operator +(OneLane a, OneLane b) => new(a.Value + b.Value);

    public static OneLane operator -(OneLane a, OneLane b) => new(a.Value - b.Value);

    public static OneLane operator *(OneLane a, OneLane b) => new(a.Value * b.Value);

    public static OneLane operator /(OneLane a, OneLane b) => new(a.Value / b.Value);

    public static OneLane operator -(OneLane x) => new(-x.Value);

    public static OneLane Fma(OneLane a, OneLane b, OneLane c) => new(MathF.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    public static OneLane Min(OneLane a, OneLane b) => new(MathF.Min(a.Value, b.Value));

    public static OneLane Max(OneLane a, OneLane b) => new(MathF.Max(a.Value, b.Value));

    public static OneLane Between(OneLane x, float least, float greatest) => new(MathF.Min(MathF.Max(x.Value, least), greatest));

    public static bool AreZeroOrBetween(OneLane x, float least, float greatest) => x.Value == 0 || x.Value >= least && x.Value <= greatest;

    public static OneLane Sqrt(OneLane x) => new(MathF.Sqrt(x.Value));

    public static OneLane Abs(OneLane x) => new(MathF.Abs(x.Value));

    public static OneLane Floor(OneLane x) => new(MathF.Floor(x.Value));

    public static OneLane Ceiling(OneLane x) => new(MathF.Ceiling(x.Value));

    public static OneLane Round(OneLane x) => new(MathF.Round(x.Value, MidpointRounding.ToEven));

    public static OneLane CopySign(OneLane x, OneLane sign) => new(MathF.CopySign(x.Value, sign.Value));

    public static OneLane WhereNotLess(OneLane a, OneLane b, OneLane then, OneLane otherwise) => a.Value >= b.Value ? then : otherwise;

    public static OneLane Scale(OneLane x, OneLane n)
    {
        var whole = float.IsNaN(n.Value) ? 0 : (int)n.Value;
        var half = whole >> 1;
        return new(x.Value * BitConverter.Int32BitsToSingle((half + 127) << 23) * BitConverter.Int32BitsToSingle((whole - half + 127) << 23));
    }
}
