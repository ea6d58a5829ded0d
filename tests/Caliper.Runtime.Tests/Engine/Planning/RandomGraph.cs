using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using CsCheck;

namespace Caliper.Runtime.Tests.Engine.Planning;

/// <summary>Networks of random operations as the importer leaves them: everything the caller passes is copied in, and out.</summary>
internal sealed class RandomGraph
{
    private readonly Random _random;
    private readonly int _images, _height, _width;
    private readonly List<Operation> _operations = [];
    private readonly List<EngineValue> _values = [];

    private RandomGraph(int seed)
    {
        _random = new Random(seed);
        (_images, _height, _width) = (_random.Next(1, 3), _random.Next(1, 5), _random.Next(1, 5));
    }

    /// <summary>Graphs of a few operations.</summary>
    public static Gen<EngineGraph> Any { get; } = Gen.Select(Gen.Int[1, 14], Gen.Int, (operations, seed) => new RandomGraph(seed).Make(operations));

    private EngineGraph Make(int operations)
    {
        var input = Image(EngineType.Byte, _random.Next(1, 10));
        _values.Add(input);
        var fed = Another(input);
        Add(CopyOperation.Whole("fed", input, fed, _random.Next(2) == 0));
        _values.Remove(input);
        for (var i = 0; i < operations; i++) Add(Next());
        var outputs = new List<EngineValue>();
        foreach (var last in _values.Where(v => !_operations.Any(o => o.Inputs.Contains(v))).ToArray())
        {
            outputs.Add(Another(last));
            Add(CopyOperation.Whole("given", last, outputs[^1]));
        }
        return new EngineGraph(_operations, [input], [.. outputs]);
    }

    private Operation Next() => _random.Next(8) switch
    {
        0 => StandIn(LayoutNeed.Any),
        1 => StandIn(LayoutNeed.Dense),
        2 => Elementwise(),
        3 => Concatenation(),
        4 => Reshape(),
        5 => Moved(),
        _ => Convolution(),
    };

    private StandInOperation StandIn(LayoutNeed needs)
    {
        var inputs = Enumerable.Range(0, _random.Next(1, 3)).Select(_ => Some()).ToArray();
        return new(Name(), needs, inputs, [.. Enumerable.Range(0, _random.Next(1, 3)).Select(_ => Another(Some()))]);
    }

    private StandInOperation Elementwise()
    {
        var a = Some();
        var alike = _values.Where(v => v.Shape.SequenceEqual(a.Shape)).ToArray();
        return new(Name(), LayoutNeed.Same, [a, alike[_random.Next(alike.Length)]], Another(a));
    }

    private StandInOperation Convolution()
    {
        var images = _values.Where(v => v.Shape.Length >= 3 && v.Type is EngineType.Byte).ToArray();
        var input = images.Length == 0 ? _values[0] : images[_random.Next(images.Length)];
        if (input.Shape.Length < 3) return new(Name(), LayoutNeed.Any, [input], Another(input));
        var rows = input.Shape.Length == 3 ? 0 : 3;
        var border = new Border(_random.Next(rows), _random.Next(3), _random.Next(rows), _random.Next(3), (byte)_random.Next(1, 3));
        return new(Name(), LayoutNeed.ChannelsLast, [input], Image(EngineType.Byte, _random.Next(1, 10)))
        {
            Border = input.Shape.Length > 4 ? null : border,
        };
    }

    /// <summary>Joined along the channels as networks do, or along another axis.</summary>
    private CopyOperation Concatenation()
    {
        var first = Some();
        var axis = first.Shape.Length > 1 && _random.Next(4) > 0 ? 1 : _random.Next(first.Shape.Length);
        var fitting = _values.Where(v => v.Type == first.Type && v.Shape.Length == first.Shape.Length
            && v.Shape.Where((length, a) => a != axis && length != first.Shape[a]).All(_ => false)).ToArray();
        var inputs = Enumerable.Range(0, _random.Next(1, 3)).Select(_ => fitting[_random.Next(fitting.Length)]).Prepend(first).ToArray();
        var (shape, parts) = ((int[])first.Shape.Clone(), new List<CopyPart>());
        shape[axis] = 0;
        for (var i = 0; i < inputs.Length; i++)
        {
            var start = new int[shape.Length];
            start[axis] = shape[axis];
            parts.Add(CopyPart.Of(i, inputs[i], start));
            shape[axis] += inputs[i].Shape[axis];
        }
        return new(Name(), "Concat", inputs, new EngineValue(Name(), first.Type, shape), [.. parts]);
    }

    private ReshapeOperation Reshape()
    {
        var value = Some();
        int[][] shapes = [[_images, value.Count / _images], [value.Count], [_images, value.Count / _images, 1, 1],
            [_images, 1, value.Count / _images], [.. value.Shape.Reverse()]];
        return new(Name(), value, new EngineValue(Name(), value.Type, shapes[_random.Next(shapes.Length)]));
    }

    /// <summary>Axes in another order, and along one of them only the last elements.</summary>
    private CopyOperation Moved()
    {
        var value = Some();
        var axes = Enumerable.Range(0, value.Shape.Length).ToArray();
        if (_random.Next(2) == 0) _random.Shuffle(axes);
        var start = new int[axes.Length];
        var cut = _random.Next(axes.Length);
        start[cut] = _random.Next(value.Shape[cut]);
        int[] shape = [.. axes.Select(a => value.Shape[a] - start[a])];
        var part = new CopyPart(0, new int[axes.Length], shape, start, [.. axes.Select(a => (a, 1))]);
        return new(Name(), "Transpose", [value], new EngineValue(Name(), value.Type, shape), [part]);
    }

    private void Add(Operation operation)
    {
        _operations.Add(operation);
        _values.AddRange(operation.Outputs);
    }

    private EngineValue Some() => _values[_random.Next(_values.Count)];

    private EngineValue Image(EngineType type, int channels) => new(Name(), type, [_images, channels, _height, _width]);

    private EngineValue Another(EngineValue like) => new(Name(), like.Type, like.Shape);

    private string Name() => $"v{_operations.Count}.{_random.Next(1000)}";
}
