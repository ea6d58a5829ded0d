using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Dense;

/// <summary>The integers of eight floats at a time, as <see cref="WideSteps"/> of sixteen.</summary>
internal readonly struct MiddleSteps
{
    private readonly StepProducts _steps;
    private readonly Vector256<float> _least, _greatest;
    private readonly Vector256<int> _zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MiddleSteps(in StepProducts steps) => (_steps, _least, _greatest, _zero) = (steps,
        Vector256.Create((float)-steps.ZeroPoint), Vector256.Create((float)(steps.Greatest - steps.ZeroPoint)), Vector256.Create(steps.ZeroPoint));

    /// <summary>The integers; what is no number becomes the least.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe Vector256<int> Of(float* at)
    {
        var q = Quotient(Vector256.Load(at));
        q = Vector256.MinNative(Vector256.MaxNative(q, _least), _greatest);
        return Avx.ConvertToVector256Int32(q) + _zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<float> Quotient(Vector256<float> x)
    {
        if (!_steps.AreExact) return x / Vector256.Create(_steps.Step);
        var normal = Vector256.AndNot(x, Vector256.GreaterThanOrEqual(Vector256.Create(StepProducts.LeastNormal), Vector256.Abs(x)));
        var low = Vector256.FusedMultiplyAdd(normal, Vector256.Create(_steps.Low), Vector256.Create(StepProducts.Added));
        return Vector256.FusedMultiplyAdd(normal, Vector256.Create(_steps.High), low);
    }
}
