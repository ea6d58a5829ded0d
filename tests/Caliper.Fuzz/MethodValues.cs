using System.Collections.Immutable;
using System.Linq.Expressions;
using System.Reflection;
using Caliper.Calibration;
using Caliper.Data;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Fuzz;

/// <summary>What methods are called with.</summary>
internal sealed class MethodValues
{
    private const int MostOfType = 60, Nulls = 12, LongestList = 3;

    private readonly Random _random;
    private bool _keeps;
    private readonly NullabilityInfoContext _nullability = new();
    private readonly Dictionary<Type, List<object>> _known = [];
    private readonly Dictionary<Type, object[]> _numbers = new()
    {
        [typeof(bool)] = [false, true],
        [typeof(int)] = [0, 1, 2, 3, 4, 8, 17, -1, 200, int.MinValue],
        [typeof(long)] = [0L, 1L, 2L, 3L, 8L, -1L, 1L << 20, long.MinValue],
        [typeof(float)] = [0f, 1f, 0.5f, -1f, 1e-30f, 3e38f, float.NaN, float.PositiveInfinity],
        [typeof(double)] = [0d, 1d, 0.5, -1d, 99.9, 1e300, double.NaN, double.NegativeInfinity],
        [typeof(byte)] = [(byte)0, (byte)128, (byte)255],
        [typeof(string)] = ["", "x", "y", "c", "c.relu", "no such", "folder/file.onnx", "a.npz", "minmax", "resnet20", "*", "\0"],
        [typeof(TimeSpan)] = [TimeSpan.Zero, TimeSpan.FromMilliseconds(20), TimeSpan.FromTicks(-1)],
        [typeof(CancellationToken)] = [CancellationToken.None, CancellationToken.None, new CancellationToken(true)],
        [typeof(Type)] = [typeof(int), typeof(FloatModel)],
    };

    public MethodValues(Random random)
    {
        _random = random;
        foreach (var shape in new[] { Shape.Scalar, Shape.Of(0), Shape.Of(2), Shape.Of(2, 3, 6, 6), Shape.Of(4, 3, 6, 6), Shape.Of(0, 3, 6, 6) })
        {
            Add(shape);
            Add(Tensor.Of(shape, Enumerable.Range(0, (int)shape.ElementCount).Select(i => MathF.Sin(i)).ToArray()));
            Add(new Tensor(ElementType.Int64, shape, new byte[8 * shape.ElementCount]));
        }
        Add(Tensor.Vector(float.NaN, float.PositiveInfinity, 1));
        foreach (var disposed in new[] { false, true }) AddNetwork(disposed);
    }

    /// <summary>Keeps a value for later calls.</summary>
    public void Add(object value)
    {
        if (value is string or Exception || value.GetType().IsPrimitive) return;
        if (!_known.TryGetValue(value.GetType(), out var values)) _known.Add(value.GetType(), values = []);
        if (values.Count < MostOfType) values.Add(value);
        else if (_random.Next(4) == 0) values[_random.Next(MostOfType)] = value;
    }

    /// <summary>An object to call a method of; null where there is none.</summary>
    public object? Instance(Type type) => type.IsValueType && _random.Next(20) == 0 ? Activator.CreateInstance(type) : Known(type);

    /// <summary>A value for a parameter.</summary>
    public bool TryGet(ParameterInfo parameter, out object? value)
    {
        var mayBeNull = !parameter.ParameterType.IsValueType && _nullability.Create(parameter).WriteState is NullabilityState.Nullable;
        value = null;
        if (parameter.ParameterType.IsByRef) return parameter.IsOut;
        // What only keeps a value is as right as what it is given, which the compiler sees to.
        _keeps = parameter.Member is ConstructorInfo or MethodInfo { IsSpecialName: true };
        if (!parameter.ParameterType.IsValueType && (mayBeNull || !_keeps) && _random.Next(mayBeNull ? 2 : Nulls) == 0) return true;
        return TryMake(parameter.ParameterType, 0, out value) || (value is null && mayBeNull);
    }

    private void AddNetwork(bool disposed)
    {
        var built = OnnxFile.Read(Seeds.All(null)[0]);
        var model = new FloatModel(built, new ExecutionOptions { Backend = new StubBackend(1), Threads = 1 });
        var fused = model.Fuse();
        var prepared = fused.Prepare(QConfig.Default);
        var inputs = StubBackend.Tensors(prepared.Inputs, new Random(1));
        prepared.Run(inputs);
        var quantized = prepared.Convert();
        var session = Int8Session.FromModel(quantized.Model, new Int8SessionOptions { Batch = 2, Threads = 1 });
        var batch = new Batch(inputs, [0, 1], ["a", "b"]);
        var calibrator = new Calibrator(fused);
        calibrator.Observe([batch]);
        foreach (var value in new object[] { model, fused, prepared, quantized, session, calibrator, calibrator.Statistics }) Add(value);
        foreach (var value in new object[] { batch, built, built.Graph }) Add(value);
        foreach (var node in built.Graph.Nodes) Add(node);
        Add(new List<Batch> { batch });
        Add(inputs);
        if (!disposed) return;
        foreach (var value in new IDisposable[] { model, fused, prepared, quantized, session, calibrator }) value.Dispose();
    }

    private bool TryMake(Type type, int depth, out object? value)
    {
        value = null;
        if (Nullable.GetUnderlyingType(type) is { } underlying) return _random.Next(3) == 0 || TryMake(underlying, depth, out value);
        if (_numbers.TryGetValue(type, out var numbers)) value = numbers[_random.Next(numbers.Length)];
        else if (type.IsEnum && _random.Next(10) == 0) value = Enum.ToObject(type, 99);
        else if (type.IsEnum) value = Enum.GetValues(type) is var all ? all.GetValue(_random.Next(all.Length)) : null;
        else if (type == typeof(Stream)) value = new MemoryStream(_random.Next(2) == 0 ? [] : Seeds.All(null)[0]);
        else if (typeof(Delegate).IsAssignableFrom(type)) value = Answering(type);
        else if (type.IsConstructedGenericType && _random.Next(3) > 0 && depth < 3 && TryMakeMany(type, depth, out value)) return true;
        else if (Known(type) is { } known) value = known;
        else if (type.IsArray) value = Many(type.GetElementType()!, depth).ToArray(type.GetElementType()!);
        else if (type.IsConstructedGenericType && TryMakeMany(type, depth, out value)) return true;
        else if (type.IsValueType) value = Activator.CreateInstance(type);
        return value is not null;
    }

    private bool TryMakeMany(Type type, int depth, out object? value)
    {
        value = null;
        var (form, arguments) = (type.GetGenericTypeDefinition(), type.GetGenericArguments());
        if (form == typeof(ImmutableArray<>))
            value = !_keeps && _random.Next(15) == 0 ? Activator.CreateInstance(type)
                : Generic(nameof(ToImmutable), arguments, Many(arguments[0], depth));
        else if (form == typeof(ReadOnlyMemory<>) || form == typeof(Memory<>))
            value = Activator.CreateInstance(type, Many(arguments[0], depth).ToArray(arguments[0]));
        else if (arguments.Length == 1 && type.IsAssignableFrom(arguments[0].MakeArrayType()))
            value = Many(arguments[0], depth).ToArray(arguments[0]);
        else if (arguments.Length == 2 && type.IsAssignableFrom(typeof(Dictionary<,>).MakeGenericType(arguments)))
            value = Generic(nameof(ToDictionary), arguments, Many(arguments[0], depth), Many(arguments[1], depth));
        return value is not null;
    }

    private Values Many(Type type, int depth)
    {
        var values = new Values();
        for (var i = _random.Next(LongestList + 1); i > 0; i--)
            if (TryMake(type, depth + 1, out var value)) values.Add(value);
        return values;
    }

    private object? Known(Type type)
    {
        var fitting = _known.Where(k => type.IsAssignableFrom(k.Key)).OrderBy(k => k.Key.FullName, StringComparer.Ordinal).ToArray();
        if (fitting.Length == 0) return null;
        var values = fitting[_random.Next(fitting.Length)].Value;
        return values[_random.Next(values.Count)];
    }

    // An array that is none.
    public static bool IsDefault(object value) => value.GetType().GetProperty(nameof(ImmutableArray<int>.IsDefault))?.GetValue(value) is true;

    private static object Answering(Type type)
    {
        var invoke = type.GetMethod("Invoke")!;
        var parameters = invoke.GetParameters().Select(p => Expression.Parameter(p.ParameterType)).ToArray();
        return Expression.Lambda(type, Expression.Default(invoke.ReturnType), parameters).Compile();
    }

    private static object? Generic(string name, Type[] types, params object[] arguments) =>
        typeof(MethodValues).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(types).Invoke(null, arguments);

    private static ImmutableArray<T> ToImmutable<T>(Values values) => [.. values.OfType<T>()];

    private static Dictionary<TKey, TValue> ToDictionary<TKey, TValue>(Values keys, Values values) where TKey : notnull =>
        keys.OfType<TKey>().Distinct().Zip(values.OfType<TValue>()).ToDictionary(p => p.First, p => p.Second);

    private sealed class Values : List<object?>
    {
        public Array ToArray(Type type)
        {
            var array = Array.CreateInstance(type, Count);
            for (var i = 0; i < Count; i++) array.SetValue(this[i], i);
            return array;
        }
    }
}
