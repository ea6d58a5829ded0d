using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Dense;

/// <summary>The integers of sixteen floats at a time, as <see cref="StepProducts"/> makes them, with all that does not change in registers.</summary>
internal readonly struct WideSteps
{
    private readonly StepProducts _steps;
    private readonly Vector512<float> _least, _greatest;
    private readonly Vector512<int> _zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WideSteps(in StepProducts steps) => (_steps, _least, _greatest, _zero) = (steps,
        Vector512.Create((float)-steps.ZeroPoint), Vector512.Create((float)(steps.Greatest - steps.ZeroPoint)), Vector512.Create(steps.ZeroPoint));

    /// <summary>The integers; what is no number becomes the least.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe Vector512<int> Of(float* at)
    {
        var q = _steps.Of(WideLanes.Load(at)).Value;
        // Of two operands, one of which is no number, x86 takes the second.
        q = Vector512.MinNative(Vector512.MaxNative(q, _least), _greatest);
        return Avx512F.ConvertToVector512Int32(q) + _zero;
    }
}
