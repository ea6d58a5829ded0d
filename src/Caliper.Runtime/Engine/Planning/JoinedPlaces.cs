using Caliper.Engine.Operations;
using Caliper.Engine.Values;

namespace Caliper.Engine.Planning;

/// <summary>
/// What a detector found at the places of several images is joined, and then transposed, so that the channels of each place lie side by side. In
/// images that lie channels-last they do already: there each image is transposed first, which is only another look at its memory, and what is left
/// is to copy whole images one after the other.
/// </summary>
internal sealed class JoinedPlaces
{
    private readonly EngineGraph _graph;
    private readonly HashSet<EngineValue> _channelsLast;
    private readonly Dictionary<EngineValue, List<Operation>> _readers;
    private readonly Dictionary<EngineValue, Operation> _writers;

    private JoinedPlaces(EngineGraph graph, HashSet<EngineValue> channelsLast) =>
        (_graph, _channelsLast, _readers, _writers) = (graph, channelsLast, graph.Readers(), graph.Writers());

    /// <summary>Puts the Transpose before the Concat where that moves nothing.</summary>
    public static void Transpose(EngineGraph graph, HashSet<EngineValue> channelsLast)
    {
        var places = new JoinedPlaces(graph, channelsLast);
        foreach (var transpose in graph.Operations.OfType<CopyOperation>().Where(c => c.Order is not null).ToArray()) places.Look(transpose);
    }

    private void Look(CopyOperation transpose)
    {
        var (joined, order) = (transpose.Inputs[0], transpose.Order!);
        if (!MovesChannelsLast(order) || _channelsLast.Contains(transpose.Output) || _readers[joined].Count > 1) return;
        if (_writers.GetValueOrDefault(joined) is not CopyOperation { IsConcatenation: true } concat) return;
        var images = concat.Inputs.Select(ImageOf).ToArray();
        if (images.Any(image => image is null)) return;
        _channelsLast.UnionWith(images!);
        Swap(concat, transpose, order);
    }

    private static bool MovesChannelsLast(int[] order) =>
        order.Length > 2 && order[0] == 0 && order[^1] == 1 && Enumerable.Range(2, order.Length - 2).All(axis => order[axis - 1] == axis);

    /// <summary>The image whose places these are, if it lies channels-last or may.</summary>
    private EngineValue? ImageOf(EngineValue places)
    {
        if (_writers.GetValueOrDefault(places) is not ReshapeOperation { Inputs: [var image] } || _channelsLast.Contains(places)) return null;
        if (!image.Shape.AsSpan(0, 2).SequenceEqual(places.Shape.AsSpan(0, 2))) return null;
        return _channelsLast.Contains(image) || MayLieLikeItsBytes(image) ? image : null;
    }

    private bool MayLieLikeItsBytes(EngineValue image) => _readers[image].Count == 1
        && _writers.GetValueOrDefault(image) is DequantizeOperation or DequantizeWordsOperation
        && _channelsLast.Contains(_writers[image].Inputs[0]);

    private void Swap(CopyOperation concat, CopyOperation transpose, int[] order)
    {
        int[] Ordered(int[] lengths) => [.. order.Select(axis => lengths[axis])];
        var looks = concat.Inputs.Distinct().ToDictionary(piece => piece, piece => new EngineValue(piece.Name, piece.Type, Ordered(piece.Shape)));
        var parts = concat.Parts.Select(p => CopyPart.Of(p.Input, looks[concat.Inputs[p.Input]], Ordered(p.OutputStart)));
        var after = new CopyOperation(concat.Name, "Concat", [.. concat.Inputs.Select(piece => looks[piece])], transpose.Output, [.. parts]);
        var operations = _graph.Operations;
        operations[operations.IndexOf(transpose)] = after;
        operations.Remove(concat);
        operations.InsertRange(operations.IndexOf(after), looks.Select(l => CopyOperation.Transposed(transpose.Name, l.Key, l.Value, order)));
    }
}
