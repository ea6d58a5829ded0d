using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Steps;

/// <summary>Where the operands of a recurrent network lie; those that it has not are null.</summary>
internal sealed record RecurrentPlaces(Place Input)
{
    public Place? OfInput { get; init; }

    public Place? OfState { get; init; }

    public Place? Bias { get; init; }

    public Place? Lengths { get; init; }

    public Place? InitialState { get; init; }

    public Place? InitialCell { get; init; }

    public Place? Peepholes { get; init; }

    public Place? Output { get; init; }

    public Place? State { get; init; }

    public Place? Cell { get; init; }
}

/// <summary>An LSTM, GRU or RNN. A unit is a direction.</summary>
/// <param name="form">The network.</param>
/// <param name="places">Where its operands lie.</param>
/// <param name="packed">Its weights as the kernel takes them, one direction after the other; null where a run computes them.</param>
/// <param name="set">Which instructions it may use; the bits are the same.</param>
internal sealed unsafe class RecurrentStep(RecurrentForm form, RecurrentPlaces places, NativeBuffer? packed, KernelSet set) : Step
{
    private readonly Recurrence _kernel = new(form, set);

    public override string Kernel => FloatVectors.NameFor(set);

    public override int Units => form.Directions;

    public override long WeightBytes => packed?.Length ?? 0;

    public override int ScratchBytes => checked((form.Scratch + (packed is null ? form.PackedWeights : 0)) * sizeof(float));

    public override IEnumerable<Extent> Extents
    {
        get
        {
            var (states, sums) = ((long)form.Directions * form.Batch * form.Hidden, (long)form.Directions * form.Sums);
            yield return Reads(places.Input, (long)form.Steps * form.Batch * form.Inputs);
            if (places.OfInput is { } ofInput) yield return Reads(ofInput, sums * form.Inputs);
            if (places.OfState is { } ofState) yield return Reads(ofState, sums * form.Hidden);
            if (places.Bias is { } bias) yield return Reads(bias, 2 * sums);
            if (places.Lengths is { } lengths) yield return Reads(lengths, form.Batch);
            if (places.InitialState is { } state) yield return Reads(state, states);
            if (places.InitialCell is { } cell) yield return Reads(cell, states);
            if (places.Peepholes is { } peepholes) yield return Reads(peepholes, 3L * form.Directions * form.Hidden);
            if (places.Output is { } output) yield return Extent.Writes(output, new(0, checked(states * form.Steps * sizeof(float))));
            if (places.State is { } last) yield return Extent.Writes(last, new(0, states * sizeof(float)));
            if (places.Cell is { } lastCell) yield return Extent.Writes(lastCell, new(0, states * sizeof(float)));
        }
    }

    public override IEnumerable<ConstantReach> Constants => packed is null ? []
        : [ConstantReach.Of("weights", packed, (long)form.Directions * form.PackedWeights * sizeof(float))];

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var operands = new RecurrentOperands
        {
            Input = (float*)context.At(places.Input),
            Bias = At(context, places.Bias),
            Lengths = (int*)At(context, places.Lengths),
            InitialState = At(context, places.InitialState),
            InitialCell = At(context, places.InitialCell),
            Peepholes = At(context, places.Peepholes),
            Output = At(context, places.Output),
            State = At(context, places.State),
            Cell = At(context, places.Cell),
        };
        Check(operands);
        for (var direction = unitStart; direction < unitEnd; direction++)
            _kernel.Run(operands, direction, WeightsOf(context, direction), (float*)context.Scratch);
    }

    private float* WeightsOf(in StepContext context, int direction)
    {
        if (packed is not null) return (float*)packed.Start + (long)direction * form.PackedWeights;
        var weights = (float*)context.Scratch + form.Scratch;
        Recurrence.Pack(form, At(context, places.OfInput) + (long)direction * form.Sums * form.Inputs,
            At(context, places.OfState) + (long)direction * form.Sums * form.Hidden, weights);
        return weights;
    }

    /// <summary>A sequence that is longer than there are steps ends the run: nothing beside it is read.</summary>
    private void Check(in RecurrentOperands operands)
    {
        if (operands.Lengths is null) return;
        for (var b = 0; b < form.Batch; b++)
            if (operands.Lengths[b] < 0 || operands.Lengths[b] > form.Steps)
                throw new CaliperException($"The node '{Name}' was given a sequence of {operands.Lengths[b]} of {form.Steps} steps.");
    }

    private static float* At(in StepContext context, Place? place) => place is { } known ? (float*)context.At(known) : null;

    private static Extent Reads(Place place, long elements) => Extent.Reads(place, new(0, checked(elements * sizeof(float))));
}
