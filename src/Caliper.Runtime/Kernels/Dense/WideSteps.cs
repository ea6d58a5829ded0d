using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Dense;

/// <summary>
/// <c>max(rne(x / step) + zero, 0)</c> of sixteen floats at a time. As <see cref="Divisor.Steps{T}"/> makes it, with all that does not change in
/// registers; and rounded as it is converted, for which what lies beyond 16 bits is cut off first. What is no number becomes 0.
/// </summary>
internal readonly struct WideSteps
{
    private readonly Vector512<float> _step, _reciprocal, _least, _greatest, _nothing;
    private readonly Vector512<int> _zero;
    private readonly bool _divides;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WideSteps(float step, int zeroPoint)
    {
        var divisor = new Divisor(step);
        (_step, _reciprocal, _zero) = (Vector512.Create(step), Vector512.Create(1 / step), Vector512.Create(zeroPoint));
        (_least, _greatest) = (Vector512.Create(-Divisor.MostSteps * step), Vector512.Create(Divisor.MostSteps * step));
        (_nothing, _divides) = (Vector512.Create(Divisor.LeastSteps * step), !divisor.HasPlainSteps);
    }

    /// <summary>The whole numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe Vector512<int> Of(float* at)
    {
        var x = Vector512.Load(at);
        Vector512<float> q;
        if (_divides)
        {
            q = Vector512.MaxNative(Vector512.Create(-Divisor.MostSteps), x / _step);
            q = Vector512.MinNative(Vector512.Create(Divisor.MostSteps), q);
        }
        else
        {
            x = Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(_nothing, Vector512.Abs(x)), Vector512<float>.Zero, x);
            x = Vector512.MinNative(_greatest, Vector512.MaxNative(_least, x));
            q = x * _reciprocal;
            q = Vector512.FusedMultiplyAdd(Avx512F.FusedMultiplyAddNegated(q, _step, x), _reciprocal, q);
            q = Vector512.FusedMultiplyAdd(Avx512F.FusedMultiplyAddNegated(q, _step, x), _reciprocal, q);
        }
        return Vector512.Max(Avx512F.ConvertToVector512Int32(q) + _zero, Vector512<int>.Zero);
    }
}
