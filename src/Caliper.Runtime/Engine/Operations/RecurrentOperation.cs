using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Operations;

/// <summary>The operands of ONNX's LSTM, GRU and RNN, in their order; what a node leaves out is null.</summary>
internal sealed record RecurrentInputs(EngineValue Input, EngineValue OfInput, EngineValue OfState)
{
    public EngineValue? Bias { get; init; }

    public EngineValue? Lengths { get; init; }

    public EngineValue? InitialState { get; init; }

    public EngineValue? InitialCell { get; init; }

    public EngineValue? Peepholes { get; init; }

    /// <summary>Whether the weights are known when the plan is made, which then keeps them in its own way.</summary>
    public bool HasConstantWeights => OfInput.Constant is not null && OfState.Constant is not null;

    /// <summary>Those that a run reads.</summary>
    public EngineValue[] Present => [Input, .. HasConstantWeights ? Array.Empty<EngineValue>() : [OfInput, OfState],
        .. new[] { Bias, Lengths, InitialState, InitialCell, Peepholes }.OfType<EngineValue>()];
}

/// <summary>A recurrent network in float32.</summary>
/// <param name="name">The node.</param>
/// <param name="inputs">What it reads.</param>
/// <param name="outputs">All outputs, the last state, the last cell; null where nobody wants one.</param>
/// <param name="form">The network.</param>
internal sealed class RecurrentOperation(string name, RecurrentInputs inputs, EngineValue?[] outputs, RecurrentForm form)
    : Operation(name, inputs.Present, [.. outputs.OfType<EngineValue>()])
{
    public override LayoutNeed Needs => LayoutNeed.Dense;

    public override Step CreateStep(StepFactory factory)
    {
        // What passes over the graph put in the place of an operand is found by where that was.
        var (read, written) = (0, 0);
        var places = new RecurrentPlaces(Next(true)!.Value)
        {
            OfInput = Next(!inputs.HasConstantWeights),
            OfState = Next(!inputs.HasConstantWeights),
            Bias = Next(inputs.Bias is not null),
            Lengths = Next(inputs.Lengths is not null),
            InitialState = Next(inputs.InitialState is not null),
            InitialCell = Next(inputs.InitialCell is not null),
            Peepholes = Next(inputs.Peepholes is not null),
            Output = NextOutput(0),
            State = NextOutput(1),
            Cell = NextOutput(2),
        };
        return new RecurrentStep(form, places, Packed(factory), factory.Kernels)
        {
            Name = Name,
            Kind = $"{(form.Kind is RecurrentKind.Simple ? "RNN" : form.Kind.ToString().ToUpperInvariant())} (float)",
            MultiplyAdds = (long)form.Directions * form.Steps * form.Batch * form.PackedWeights,
            BytesTouched = OperandBytes() + (long)form.Directions * form.PackedWeights * sizeof(float),
        };

        Place? Next(bool isThere) => isThere ? Place.Of(Inputs[read++].Layout) : null;

        Place? NextOutput(int index) => index < outputs.Length && outputs[index] is not null ? Place.Of(Outputs[written++].Layout) : null;
    }

    private unsafe NativeBuffer? Packed(StepFactory factory)
    {
        if (!inputs.HasConstantWeights) return null;
        var (ofInput, ofState) = (inputs.OfInput.Constant!, inputs.OfState.Constant!);
        var packed = factory.Resources.Own(new NativeBuffer((long)form.Directions * form.PackedWeights * sizeof(float)));
        fixed (float* w = ofInput.Span<float>(), r = ofState.Span<float>())
        {
            for (var direction = 0; direction < form.Directions; direction++)
            {
                Recurrence.Pack(form, w + (long)direction * form.Sums * form.Inputs, r + (long)direction * form.Sums * form.Hidden,
                    (float*)packed.Start + (long)direction * form.PackedWeights);
            }
        }
        return packed;
    }
}
