using System.Collections.Frozen;
using Caliper.Graphs;

namespace Caliper.Torch.Pickling;

/// <summary>
/// The few names a pickle may mention. Each stands for a fixed piece of C# that builds a description of a tensor or an empty
/// container; none runs anything of the file.
/// </summary>
/// <param name="Name">The full Python name.</param>
/// <param name="Kind">What it stands for.</param>
/// <param name="Type">Element type of a storage class or a dtype.</param>
internal sealed record TorchGlobal(string Name, TorchGlobalKind Kind, ElementType Type = ElementType.Undefined)
{
    private static readonly FrozenDictionary<string, TorchGlobal> Known =
        All().ToFrozenDictionary(g => g.Name, StringComparer.Ordinal);

    /// <summary>The global of a name, or null where it is not allowed.</summary>
    public static TorchGlobal? Find(string module, string name) => Known.GetValueOrDefault($"{module}.{name}");

    /// <summary>The storage class of an element type, such as <c>FloatStorage</c>; null where torch has none.</summary>
    public static string? StorageClassOf(ElementType type) =>
        StorageClasses.Where(s => s.Type == type).Select(s => s.Name).FirstOrDefault();

    /// <summary>The dtype of a type, such as <c>uint16</c>; null where torch has none.</summary>
    public static string? DtypeOf(ElementType type) =>
        Dtypes.Where(d => d.Type == type).Select(d => d.Name).FirstOrDefault();

    private static IEnumerable<TorchGlobal> All() =>
    [
        new("collections.OrderedDict", TorchGlobalKind.OrderedDict),
        new("torch._utils._rebuild_tensor", TorchGlobalKind.RebuildTensor),
        new("torch._utils._rebuild_tensor_v2", TorchGlobalKind.RebuildTensor),
        new("torch._utils._rebuild_tensor_v3", TorchGlobalKind.RebuildTensorOfDtype),
        new("torch._utils._rebuild_parameter", TorchGlobalKind.RebuildParameter),
        new("torch._utils._rebuild_parameter_with_state", TorchGlobalKind.RebuildParameter),
        new("torch._tensor._rebuild_from_type_v2", TorchGlobalKind.RebuildFromType),
        new("torch.nn.parameter.Parameter", TorchGlobalKind.TensorClass),
        new("torch.Tensor", TorchGlobalKind.TensorClass),
        new("torch.Size", TorchGlobalKind.Size),
        new("torch.device", TorchGlobalKind.Device),
        new("torch.storage.UntypedStorage", TorchGlobalKind.Storage, ElementType.UInt8),
        .. StorageClasses.Select(s => new TorchGlobal($"torch.{s.Name}", TorchGlobalKind.Storage, s.Type)),
        .. StorageClasses.Select(s => new TorchGlobal($"torch.cuda.{s.Name}", TorchGlobalKind.Storage, s.Type)),
        .. Dtypes.Select(d => new TorchGlobal($"torch.{d.Name}", TorchGlobalKind.Dtype, d.Type)),
    ];

    private static (string Name, ElementType Type)[] StorageClasses =>
    [
        ("FloatStorage", ElementType.Float32), ("DoubleStorage", ElementType.Float64), ("HalfStorage", ElementType.Float16),
        ("BFloat16Storage", ElementType.BFloat16), ("CharStorage", ElementType.Int8), ("ByteStorage", ElementType.UInt8),
        ("ShortStorage", ElementType.Int16), ("IntStorage", ElementType.Int32), ("LongStorage", ElementType.Int64),
        ("BoolStorage", ElementType.Boolean), ("ComplexFloatStorage", ElementType.Complex64),
        ("ComplexDoubleStorage", ElementType.Complex128),
    ];

    private static (string Name, ElementType Type)[] Dtypes =>
    [
        ("float32", ElementType.Float32), ("float64", ElementType.Float64), ("float16", ElementType.Float16),
        ("bfloat16", ElementType.BFloat16), ("int8", ElementType.Int8), ("uint8", ElementType.UInt8),
        ("int16", ElementType.Int16), ("int32", ElementType.Int32), ("int64", ElementType.Int64), ("bool", ElementType.Boolean),
        ("uint16", ElementType.UInt16), ("uint32", ElementType.UInt32), ("uint64", ElementType.UInt64),
        ("complex64", ElementType.Complex64), ("complex128", ElementType.Complex128),
        ("float8_e4m3fn", ElementType.Float8E4M3FN), ("float8_e4m3fnuz", ElementType.Float8E4M3FNUZ),
        ("float8_e5m2", ElementType.Float8E5M2), ("float8_e5m2fnuz", ElementType.Float8E5M2FNUZ),
        ("float8_e8m0fnu", ElementType.Float8E8M0),
    ];
}

/// <summary>What an allowed name stands for.</summary>
internal enum TorchGlobalKind
{
    OrderedDict,
    RebuildTensor,
    RebuildTensorOfDtype,
    RebuildParameter,
    RebuildFromType,
    TensorClass,
    Size,
    Device,
    Storage,
    Dtype,
}
