using Caliper.Engine.Operations;
using Caliper.Engine.Values;

namespace Caliper.Engine.Planning;

/// <summary>
/// Gives every tensor its layout: borders for convolutions, slices of a concatenation that is written in place, and views
/// where an operation only renames or reorders what is there.
/// </summary>
internal sealed class StoragePlanner
{
    private readonly EngineGraph _graph;
    private readonly HashSet<EngineValue> _channelsLast;
    private readonly Dictionary<EngineValue, List<Operation>> _readers;
    private readonly Dictionary<EngineValue, Operation> _writers;
    private readonly Dictionary<EngineValue, Border> _borders = [];
    private readonly Dictionary<EngineValue, (EngineValue Whole, long[] Start)> _parts = [];

    private readonly bool _sharesConstants;

    private StoragePlanner(EngineGraph graph, HashSet<EngineValue> channelsLast, bool sharesConstants)
    {
        (_graph, _channelsLast, _sharesConstants) = (graph, channelsLast, sharesConstants);
        (_readers, _writers) = (graph.Readers(), graph.Writers());
    }

    /// <summary>The border of each value that has one.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="channelsLast">What lies channels-last.</param>
    /// <param name="sharesConstants">Whether other plans of the model read the same constants.</param>
    public static IReadOnlyDictionary<EngineValue, Border> Plan(EngineGraph graph, HashSet<EngineValue> channelsLast, bool sharesConstants = false)
    {
        SeparateBorders(graph);
        var planner = new StoragePlanner(graph, channelsLast, sharesConstants);
        planner.CollectBorders();
        planner.PlaceExternals();
        planner.CollectParts();
        foreach (var operation in graph.Operations)
        {
            foreach (var input in operation.Inputs.Where(v => v.Constant is not null && v.Layout is null)) planner.PlaceConstant(input);
            foreach (var output in operation.Outputs.Where(v => v.Layout is null)) planner.Place(operation, output);
        }
        return planner._borders;
    }

    /// <summary>A copy for each reader that needs another byte in the border than those before it.</summary>
    private static void SeparateBorders(EngineGraph graph)
    {
        var bytes = new Dictionary<EngineValue, byte>();
        for (var i = 0; i < graph.Operations.Count; i++)
        {
            var operation = graph.Operations[i];
            for (var input = 0; input < operation.Inputs.Length; input++)
            {
                if (operation.BorderAround(input) is not { IsEmpty: false } border) continue;
                var value = operation.Inputs[input];
                if (bytes.TryAdd(value, border.Value) || bytes[value] == border.Value) continue;
                var copy = new EngineValue(value.Name, value.Type, value.Shape);
                graph.Operations.Insert(i++, CopyOperation.Whole(operation.Name, value, copy));
                operation.Inputs = [.. operation.Inputs.Select((v, n) => n == input ? copy : v)];
                bytes[copy] = border.Value;
            }
        }
    }

    private void CollectBorders()
    {
        foreach (var operation in _graph.Operations)
        {
            for (var input = 0; input < operation.Inputs.Length; input++)
            {
                if (operation.BorderAround(input) is not { IsEmpty: false } border) continue;
                var value = operation.Inputs[input];
                // A copy made for its border lies like what a convolution reads.
                _channelsLast.Add(value);
                _borders[value] = _borders.TryGetValue(value, out var known) ? known.Union(border) : border;
            }
        }
    }

    private void PlaceExternals()
    {
        var slot = Storage.FirstExternal;
        foreach (var value in _graph.Inputs.Concat(_graph.Outputs))
        {
            var storage = new Storage { Slot = slot++, Size = (long)value.Count * value.ElementSize };
            value.Layout = new TensorLayout(storage, 0, value.Shape, TensorLayout.DenseStrides(value.Shape, value.ElementSize));
        }
    }

    /// <summary>Finds the inputs of concatenations that can be written straight to where they end up.</summary>
    private void CollectParts()
    {
        foreach (var concat in _graph.Operations.OfType<CopyOperation>().Where(c => c.IsConcatenation))
        {
            foreach (var part in concat.Parts)
            {
                var value = concat.Inputs[part.Input];
                if (!CanLieIn(value, concat.Output) || concat.Inputs.Count(v => v == value) > 1) continue;
                if (_borders.TryGetValue(value, out var border))
                {
                    if (!BorderFits(concat.Output, border, part)) continue;
                    _borders[concat.Output] = _borders.TryGetValue(concat.Output, out var known) ? known.Union(border) : border;
                    _borders.Remove(value);
                }
                _parts[value] = (concat.Output, [.. part.OutputStart.Select(s => (long)s)]);
            }
        }
    }

    private bool CanLieIn(EngineValue value, EngineValue whole) =>
        value.Constant is null && value.Layout is null && !_parts.ContainsKey(value)
        && _channelsLast.Contains(value) == _channelsLast.Contains(whole) && whole.Layout is null
        && _writers.TryGetValue(value, out var writer) && writer is not (ReshapeOperation or CopyOperation { CanBeView: true })
        && writer.Needs is not LayoutNeed.Dense && writer is not QuantizeOperation { FillsPixels: true }
        && _readers[value].All(r => r.Needs is not LayoutNeed.Dense);

    private bool BorderFits(EngineValue whole, Border border, CopyPart part) =>
        part.OutputStart.Where((start, axis) => axis != 1 && start != 0).All(_ => false)
        && whole.Shape.Where((length, axis) => axis != 1 && length != part.Lengths[axis]).All(_ => false)
        && (!_borders.TryGetValue(whole, out var known) || known.Value == border.Value);

    private void Place(Operation operation, EngineValue value)
    {
        if (_parts.TryGetValue(value, out var part))
        {
            if (part.Whole.Layout is null) Place(_writers[part.Whole], part.Whole);
            var whole = part.Whole.Layout!;
            var offset = whole.Offset + part.Start.Select((start, axis) => start * whole.Strides[axis]).Sum();
            value.Layout = new TensorLayout(whole.Storage, offset, value.Shape, whole.Strides);
            return;
        }
        if (!_borders.ContainsKey(value) && ViewOf(operation, value) is { } view) value.Layout = view;
        else PlaceAnew(value);
    }

    private TensorLayout? ViewOf(Operation operation, EngineValue value)
    {
        var view = operation switch
        {
            ReshapeOperation reshape => reshape.View(),
            CopyOperation { CanBeView: true } copy => copy.View(),
            _ => null,
        };
        if (view is null) return null;
        // Whoever reads it must be content with how it lies. Floats that the caller owns are not ours to lend.
        foreach (var reader in _readers.GetValueOrDefault(value, []))
        {
            if (reader.Needs is LayoutNeed.Dense && !view.IsDense(value.ElementSize)) return null;
            if (reader.Needs is LayoutNeed.ChannelsLast && !view.IsChannelsLast(value.ElementSize)) return null;
        }
        return view;
    }

    private void PlaceAnew(EngineValue value)
    {
        var storage = new Storage { Slot = Storage.Arena };
        value.Layout = _channelsLast.Contains(value) && value.Shape.Length >= 3
            ? ChannelsLast(value, storage, _borders.GetValueOrDefault(value), PixelBytes(value))
            : Dense(value, storage);
    }

    private void PlaceConstant(EngineValue value)
    {
        var isDense = !_channelsLast.Contains(value) || value.Shape.Length < 3;
        var storage = new Storage { Slot = isDense && _sharesConstants && SharedConstants.Takes(value) ? Storage.Shared : Storage.Constants };
        value.Layout = isDense ? Dense(value, storage) : ChannelsLast(value, storage, default, PixelBytes(value));
    }

    private static TensorLayout Dense(EngineValue value, Storage storage)
    {
        storage.Size = (long)value.Count * value.ElementSize;
        return new TensorLayout(storage, 0, value.Shape, TensorLayout.DenseStrides(value.Shape, value.ElementSize));
    }

    /// <summary>
    /// Channels rounded up to 4 bytes, which is what convolutions read at a time. One or three channels, as images have, lie
    /// without a gap where only convolutions read them that gain by it.
    /// </summary>
    private int PixelBytes(EngineValue value)
    {
        var bytes = value.Shape[1] * value.ElementSize;
        var isImage = bytes is 1 or 3 && !_parts.ContainsKey(value)
            && _writers.GetValueOrDefault(value) is QuantizeOperation or QuantizeWordsOperation
            && _readers.GetValueOrDefault(value, []).All(reader => reader is ConvolutionOperation { GainsFromTouchingPixels: true }
                or WordConvolutionOperation { GainsFromTouchingPixels: true });
        return isImage ? bytes : Sizes.RoundUp(bytes, 4);
    }

    /// <summary>N, rows, pixels, channels. Three axes are one row, more than
    /// four lie like ever larger images.</summary>
    private static TensorLayout ChannelsLast(EngineValue value, Storage storage, Border border, int pixelBytes)
    {
        var rank = value.Shape.Length;
        var strides = new long[rank];
        strides[1] = value.ElementSize;
        long stride = strides[rank - 1] = pixelBytes;
        stride *= value.Shape[rank - 1] + border.Left + border.Right;
        var offset = strides[rank - 1] * border.Left;
        for (var axis = rank - 2; axis >= 2; axis--)
        {
            strides[axis] = stride;
            if (axis == rank - 2) offset += stride * border.Top;
            stride *= value.Shape[axis] + (axis == rank - 2 ? border.Top + border.Bottom : 0);
        }
        strides[0] = stride;
        storage.Size = checked(stride * value.Shape[0]);
        return new TensorLayout(storage, offset, value.Shape, strides);
    }
}
