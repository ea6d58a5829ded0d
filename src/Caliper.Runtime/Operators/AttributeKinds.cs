using System.Collections.Frozen;
using static Caliper.Graphs.AttributeValue;

namespace Caliper.Operators;

/// <summary>What kind of value an attribute has. A name means the same kind in every operator that has it, with few exceptions.</summary>
internal static class AttributeKinds
{
    private static readonly FrozenDictionary<string, Type> ByName = Join(
        (typeof(Int),
        [
            "allowzero", "antialias", "axis", "batch_dims", "block_size", "blocksize", "ceil_mode", "center_point_box", "channels_last",
            "count_include_pad", "dtype", "end", "exclude_outside", "exclusive", "fmod", "group", "hidden_size", "input_forget", "inverse",
            "is_test", "k", "keepdims", "largest", "layout", "linear_before_reset", "noop_with_empty_axes", "num_groups", "num_outputs",
            "onesided", "opset", "output_dtype", "output_height", "output_width", "precision", "reverse", "round_mode", "sampling_ratio",
            "saturate", "select_last_index", "size", "sorted", "spatial", "stash_type", "start", "storage_order", "to", "training_mode",
            "transA", "transB", "upper", "value_int",
        ]),
        (typeof(Float),
        [
            "alpha", "beta", "bias", "cubic_coeff_a", "epsilon", "extrapolation_value", "gamma", "lambd", "max", "min", "momentum", "ratio",
            "spatial_scale", "value_float",
        ]),
        (typeof(Ints),
        [
            "axes", "dilations", "ends", "kernel_shape", "output_padding", "output_shape", "pads", "perm", "shape", "split", "starts", "strides",
            "value_ints",
        ]),
        (typeof(Floats), ["activation_alpha", "activation_beta", "scales", "value_floats"]),
        (typeof(Text),
        [
            "approximate", "auto_pad", "coordinate_transformation_mode", "direction", "equation", "keep_aspect_ratio_policy", "mode",
            "nearest_mode", "reduction",
        ]));

    /// <summary>The kind that an attribute must have, or null where nothing here reads it.</summary>
    public static Type? Expected(string opType, string attribute) => attribute != "value" ? ByName.GetValueOrDefault(attribute)
        : opType == "Pad" ? typeof(Float)
        : opType is "Constant" or "ConstantOfShape" ? typeof(TensorValue)
        : null;

    private static FrozenDictionary<string, Type> Join(params (Type Kind, string[] Names)[] rows) =>
        rows.SelectMany(r => r.Names.Select(name => (name, r.Kind))).ToFrozenDictionary(p => p.name, p => p.Kind, StringComparer.Ordinal);
}
