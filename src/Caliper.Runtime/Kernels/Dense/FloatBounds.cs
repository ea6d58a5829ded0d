using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caliper.Kernels.Dense;

/// <summary>What floats are cut off at, as Relu and Clip do.</summary>
internal readonly record struct FloatBounds
{
    private readonly float _least, _greatest;
    private readonly bool _are;

    /// <summary>Bounds; infinite ones are none.</summary>
    // A zero without a sign: of two zeros, processors take either.
    public FloatBounds(float least, float greatest) => (_least, _greatest, _are) = (least + 0f, greatest + 0f, true);

    /// <summary>The least number; without meaning where there are no bounds.</summary>
    public float Least => _least;

    /// <summary>The greatest.</summary>
    public float Greatest => _greatest;

    /// <summary>Whether there are any.</summary>
    public bool Are => _are;

    /// <summary>These, and then others.</summary>
    public FloatBounds Then(FloatBounds next) => !_are ? next : !next._are ? this
        : new(next.Of(new OneLane(_least)).Value, next.Of(new OneLane(_greatest)).Value);

    /// <summary>A number between them; what is no number stays none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T x) where T : struct, ILanes<T> => _are ? T.Between(x, _least, _greatest) + T.Of(0) : x;

    /// <summary>The same, where there are bounds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Of(Vector512<float> x) => (WideLanes.Between(new(x), _least, _greatest) + WideLanes.Of(0)).Value;
}
