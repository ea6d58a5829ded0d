using Caliper.Engine.Operations;
using Caliper.Engine.Values;

namespace Caliper.Runtime.Tests.Engine.Planning;

/// <summary>Runs a planned graph on memory in which every byte remembers what was written there: an element of a value, or a border. What an
/// operation reads has to be what was meant for it.</summary>
internal sealed class SimulatedMemory(EngineGraph graph, IReadOnlyDictionary<EngineValue, Border> borders)
{
    private readonly Dictionary<(int Slot, long Address), long> _bytes = [];
    private readonly Dictionary<EngineValue, long[]> _contents = [];
    private long _written;

    /// <summary>Runs all operations.</summary>
    public void Run()
    {
        foreach (var input in graph.Inputs) Write(input, Fresh(input));
        for (var i = 0; i < graph.Operations.Count; i++)
        {
            foreach (var (value, border) in borders.Where(b => b.Key.Layout.Storage.FirstUse == i)) Fill(value, border);
            var operation = graph.Operations[i];
            Check(operation);
            foreach (var output in operation.Outputs) Write(output, ResultOf(operation, output));
            // What it writes does not run over what it reads.
            Check(operation);
        }
        foreach (var output in graph.Outputs) Expect(output, _contents[output]);
    }

    private void Check(Operation operation)
    {
        for (var i = 0; i < operation.Inputs.Length; i++)
        {
            var input = operation.Inputs[i];
            Expect(input, _contents[input]);
            if (operation.BorderAround(i) is not { IsEmpty: false } border) continue;
            foreach (var address in Around(input, border))
                Assert.Equal(TokenOf(border), _bytes.GetValueOrDefault((input.Layout.Storage.Slot, address)));
        }
    }

    private long[] ResultOf(Operation operation, EngineValue output)
    {
        if (operation is ReshapeOperation) return _contents[operation.Inputs[0]];
        if (operation is not CopyOperation copy) return Fresh(output);
        var result = new long[output.Count];
        foreach (var part in copy.Parts)
        {
            var (from, to) = (TensorLayout.DenseStrides(copy.Inputs[part.Input].Shape, 1), TensorLayout.DenseStrides(output.Shape, 1));
            foreach (var index in Indices(part.Lengths))
            {
                var source = part.InputStart.Select((start, axis) => start * from[axis]).Sum();
                for (var axis = 0; axis < index.Length; axis++) source += index[axis] * part.Axes[axis].Stride * from[part.Axes[axis].Axis];
                result[index.Select((at, axis) => (at + part.OutputStart[axis]) * to[axis]).Sum()] = _contents[copy.Inputs[part.Input]][source];
            }
        }
        return result;
    }

    private long[] Fresh(EngineValue value) => [.. Enumerable.Range(0, value.Count).Select(_ => ++_written)];

    private void Write(EngineValue value, long[] contents)
    {
        _contents[value] = contents;
        foreach (var (element, address) in Addresses(value)) _bytes[(value.Layout.Storage.Slot, address)] = contents[element];
    }

    private void Expect(EngineValue value, long[] contents)
    {
        foreach (var (element, address) in Addresses(value))
        {
            Assert.True(_bytes.GetValueOrDefault((value.Layout.Storage.Slot, address)) == contents[element],
                $"element {element} of {value} is not what was written");
        }
    }

    private void Fill(EngineValue value, Border border)
    {
        foreach (var address in Around(value, border)) _bytes[(value.Layout.Storage.Slot, address)] = TokenOf(border);
    }

    /// <summary>The bytes of all channels of the pixels around an image, or around a row.</summary>
    private static IEnumerable<long> Around(EngineValue value, Border border)
    {
        var (layout, shape) = (value.Layout, value.Shape);
        var rows = shape.Length == 4 ? shape[2] : 1;
        foreach (var index in Indices([shape[0], shape[1], rows + border.Top + border.Bottom, shape[^1] + border.Left + border.Right]))
        {
            var (row, pixel) = (index[2] - border.Top, index[3] - border.Left);
            if (row >= 0 && row < rows && pixel >= 0 && pixel < shape[^1]) continue;
            yield return Inside(layout, (index[0] * layout.Strides[0]) + (index[1] * layout.Strides[1])
                + (shape.Length == 4 ? row * layout.Strides[2] : 0) + (pixel * layout.Strides[^1]));
        }
    }

    private static IEnumerable<(int Element, long Address)> Addresses(EngineValue value) => Indices(value.Shape).SelectMany((index, element) =>
        Enumerable.Range(0, value.ElementSize).Select(part =>
            (element, Inside(value.Layout, index.Select((at, axis) => at * value.Layout.Strides[axis]).Sum() + part))));

    private static long Inside(TensorLayout layout, long offset)
    {
        Assert.InRange(layout.Offset + offset, 0, layout.Storage.Size - 1);
        return layout.Storage.Start + layout.Offset + offset;
    }

    private static long TokenOf(Border border) => -border.Value;

    /// <summary>All indices of a shape, in ONNX order.</summary>
    private static IEnumerable<int[]> Indices(int[] shape)
    {
        for (var element = 0; element < Sizes.Product(shape); element++)
        {
            var (index, rest) = (new int[shape.Length], element);
            for (var axis = shape.Length - 1; axis >= 0; axis--) (rest, index[axis]) = Math.DivRem(rest, shape[axis]);
            yield return index;
        }
    }
}
