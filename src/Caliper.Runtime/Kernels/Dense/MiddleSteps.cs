using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Dense;

/// <summary><c>max(rne(x / step) + zero, 0)</c> of eight floats at a time, as <see cref="WideSteps"/> of sixteen.</summary>
internal readonly struct MiddleSteps
{
    private readonly Vector256<float> _step;
    private readonly Vector256<int> _zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MiddleSteps(float step, int zeroPoint) => (_step, _zero) = (Vector256.Create(step), Vector256.Create(zeroPoint));

    /// <summary>The whole numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe Vector256<int> Of(float* at)
    {
        var q = Vector256.MaxNative(Vector256.Create(-Divisor.MostSteps), Vector256.Load(at) / _step);
        q = Vector256.MinNative(Vector256.Create(Divisor.MostSteps), q);
        return Vector256.Max(Avx.ConvertToVector256Int32(q) + _zero, Vector256<int>.Zero);
    }
}
