using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Torch.Modules;

/// <summary>
/// A layer, a block or a whole network, described as with <c>torch.nn.Module</c>. A network derives from this class, holds
/// its layers in fields, and says in <see cref="Forward"/> how data flows through them. A field's name is the layer's name
/// in the checkpoint (<c>conv1</c>; a leading underscore does not count), so weights trained in PyTorch find their place.
/// </summary>
/// <remarks>Source: <c>torch.nn.Module</c>; names of parameters and defaults of all layers are PyTorch's.</remarks>
[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields)]
public abstract class Module
{
    /// <summary>How data flows through this module. Runs once, when the graph is built; call layers by
    /// <see cref="Signal.Through"/>.</summary>
    /// <param name="x">What comes in: the batch is its first axis.</param>
    /// <returns>What goes out.</returns>
    /// <exception cref="CaliperException">The shape of <paramref name="x"/> does not fit.</exception>
    protected internal abstract Signal Forward(Signal x);

    /// <summary>Builds the network with given weights: an ONNX graph whose batch axis is free.</summary>
    /// <param name="weights">A tensor for every parameter, by PyTorch's names; <c>num_batches_tracked</c> may be there or not.
    /// Half and double precision become float32.</param>
    /// <param name="inputShape">Shape of one sample, without the batch axis, such as 3×32×32.</param>
    /// <param name="name">Name of the graph; the name of the class where it is left out.</param>
    /// <param name="options">How the model is run.</param>
    /// <exception cref="CaliperException">Keys are missing or unexpected or have another shape (all are listed), or a layer does
    /// not fit the shape of its input.</exception>
    public FloatModel ToModel(StateDict weights, Shape inputShape, string? name = null, ExecutionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        name ??= GetType().Name;
        var tree = new ModuleTree(this);
        var tracer = new Tracer(tree, ParameterBinding.Bind(tree, weights, name));
        return new FloatModel(tracer.Trace(this, inputShape, name), options);
    }

    /// <summary>
    /// Weights of an untrained network: convolutions and linear layers are Kaiming-uniform (He et al. 2015), biases zero,
    /// normalizations the identity. The same seed gives the same weights everywhere.
    /// </summary>
    public StateDict RandomWeights(int seed = 0)
    {
        var random = new WeightGenerator(seed);
        return new StateDict(
            new ModuleTree(this).Parameters.Select(p => KeyValuePair.Create(p.Key, random.Next(p.Value))), "random weights");
    }

    /// <summary>The modules and parameters directly inside this one, by name, in order of declaration.</summary>
    internal virtual IEnumerable<KeyValuePair<string, object>> Members()
    {
        const BindingFlags all = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        const BindingFlags declared = all | BindingFlags.DeclaredOnly;
        for (var type = GetType(); type != typeof(Module); type = type.BaseType!)
        {
            foreach (var field in type.GetFields(declared).OrderBy(f => f.MetadataToken))
            {
                if (field.GetValue(this) is var value and (Module or Parameter)) yield return new(NameOf(field), value);
            }
        }
    }

    /// <summary>Fields behind automatic properties are called <c>&lt;Property&gt;k__BackingField</c>.</summary>
    private static string NameOf(FieldInfo field) =>
        field.Name is ['<', .. var rest] ? rest[..rest.IndexOf('>')] : field.Name.TrimStart('_');
}
