using System.Collections.Immutable;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Operators;

namespace Caliper.Preparation;

/// <summary>
/// Decides layer by layer. Linear layers become int8 wherever their weights allow, for that is where the time goes. Every
/// other layer becomes int8 only where what it reads already is, so that no tensor is quantized for its sake.
/// </summary>
internal sealed class Planner
{
    // Of a kind that was taken for a name, in an error.
    private const int MostNames = 3;

    private readonly FusedModel _model;
    private readonly Graph _graph;
    private readonly QConfigMapping _mapping;
    private readonly Dictionary<string, Layer> _producers;
    private readonly ILookup<string, Layer> _readers;
    private readonly Dictionary<Layer, LayerPlan> _plans = [];

    // Float because the qconfig says so and for nothing else, and what is float for their sake.
    private readonly HashSet<Layer> _excluded = [];
    private readonly Func<string, IReadOnlySet<string>, string?> _unreachedBranch;

    // What is computed before numbers choose rows; null where they choose none.
    private readonly IReadOnlySet<Node>? _judged;

    private Planner(FusedModel model, QConfigMapping mapping)
    {
        (_model, _graph, _mapping, _unreachedBranch) = (model, model.Model.Graph, mapping, BranchNames.Unreached(model.Model.Graph));
        _producers = model.Layers.SelectMany(l => l.Outputs.Select(o => (o, l))).ToDictionary(p => p.o, p => p.l, StringComparer.Ordinal);
        _judged = RowChoices.Of(_graph) is { HasAny: true } choices ? choices.JudgedPart() : null;
        _readers = model.Layers.SelectMany(l => l.Nodes.SelectMany(n => n.Reads()).Distinct().Select(v => (v, l)))
            .ToLookup(p => p.v, p => p.l, StringComparer.Ordinal);
    }

    /// <summary>Makes the plan of a model.</summary>
    /// <param name="model">The fused model.</param>
    /// <param name="mapping">Which observers, where.</param>
    /// <param name="unobserved">Values that no observer has seen: what would read or make them in int8 stays float.</param>
    /// <param name="recipe">Where 8 bits are too few; null for nowhere.</param>
    public static QuantizationPlan Plan(
        FusedModel model, QConfigMapping mapping, IReadOnlySet<string>? unobserved = null, Recipe? recipe = null)
    {
        var unmatched = mapping.Unmatched(model.Layers.Select(l => (l.Name, l.OpType)));
        if (unmatched.Length > 0)
        {
            throw new CaliperException($"No layer matches {string.Join(", ", unmatched.Select(p => $"'{p}'"))}; "
                + $"'caliper inspect' lists the layers' names and operator types.{Hint(model, mapping, unmatched[0])}");
        }
        var plan = new Planner(model, mapping).Plan(unobserved ?? new HashSet<string>());
        return recipe is null ? plan : RecipePlan.Apply(recipe, plan);
    }

    /// <summary>What was perhaps meant: an operator type, or a name; whoever names a kind is told the names of its layers.</summary>
    private static string Hint(FusedModel model, QConfigMapping mapping, string unmatched)
    {
        if (mapping.OperatorTypes.ContainsKey(unmatched)) return Suggestion.For(unmatched, model.Layers.Select(l => l.OpType).Distinct());
        var ofKind = model.Layers.Where(l => new[] { l.Kind, l.OpType }.Contains(unmatched, StringComparer.OrdinalIgnoreCase))
            .Take(MostNames).ToArray();
        return ofKind.Length == 0 ? Suggestion.For(unmatched, model.Layers.Select(l => l.Name))
            : $" It is a kind of layers, such as {string.Join(", ", ofKind.Select(l => $"'{l.Name}'"))}.";
    }

    private QuantizationPlan Plan(IReadOnlySet<string> unobserved)
    {
        foreach (var layer in _model.Layers) _plans[layer] = Decide(layer, unobserved);
        foreach (var layer in NetworkTail.Of(_model, _readers)) KeepTailFloat(layer);
        foreach (var layer in _model.Layers.Reverse()) PullQuantizationUp(layer, unobserved);
        KeepBesideExcludedFloat();
        foreach (var layer in _model.Layers.Reverse()) KeepUnreadFloat(layer);
        foreach (var layer in _model.Layers) MoveIntegersAsSuch(layer);
        foreach (var layer in _model.Layers) _plans[layer] = KeepResultFloat(_plans[layer]);
        var layers = _model.Layers.Select(l => _plans[l] with { IsOfWholeNumbers = GivesWholeNumbers(l) }).ToImmutableArray();
        return new QuantizationPlan(layers, new SitePlanner(_graph, layers, QConfigOf).Sites(), [.. layers.SelectMany(Weights)]);
    }

    /// <summary>Front to back: is this layer int8, given that those before it are decided?</summary>
    private LayerPlan Decide(Layer layer, IReadOnlySet<string> unobserved)
    {
        var role = layer.Role;
        if (UnreachedBranch(layer, unobserved) is { } branch)
            return new LayerPlan(layer, role, false, false, GivesFloats(layer) ? Obstacle.Unreached(layer, branch) : null);
        var isAfterChoice = _judged?.Contains(layer.Operation) is false;
        if (RecurrentWeights.AreStored(_graph, layer.Operation) && !isAfterChoice && QConfigOf(layer) is not null)
            return new LayerPlan(layer, role, false, false, Obstacle.FloatRecurrence(layer)) { HasInt8Weights = true };
        var obstacle = (IsDivision(layer) ? Obstacle.Divides(layer) : null)
            ?? Obstacle.Of(_graph, layer, role)
            ?? (isAfterChoice ? Obstacle.AfterChoice(layer) : null)
            ?? (QConfigOf(layer) is null ? Exclude(layer, role) : null)
            ?? (layer.Outputs.Concat(VariableInputs(layer)).FirstOrDefault(unobserved.Contains) is { } value
                ? Obstacle.Unobserved(layer, value) : null);
        // Every float tensor that is computed has its reason; shapes and indices need none.
        if (obstacle is not null) return new LayerPlan(layer, role, false, false, GivesFloats(layer) ? obstacle : null);
        if (EmbeddingTable.IsChosenFrom(_graph, layer.Operation)) return new LayerPlan(layer, role, false, false, null) { HasInt8Table = true };
        // A table, a learned query: nothing comes in whose scale it could take, and its own is not observed.
        if (!ReadsActivations(layer))
            return new LayerPlan(layer, role, false, false, GivesFloats(layer) ? Obstacle.ConstantInput(_graph, layer) : null);
        if (role != OperatorRole.Linear && !VariableInputs(layer).All(MayBeInteger))
            return new LayerPlan(layer, role, false, false, GivesFloats(layer) ? Obstacle.FloatInput(layer) : null);
        return new LayerPlan(layer, role, true, false, OperatorRoles.HasIntegerKernel(layer.Operation) ? null : Obstacle.FloatKernel(layer));
    }

    /// <summary>Keeps a layer float on demand. If nothing else would, what reads it is decided as if it were int8: excluding a layer excludes
    /// that one.</summary>
    private Diagnostic Exclude(Layer layer, OperatorRole role)
    {
        if (ReadsActivations(layer) && !EmbeddingTable.IsChosenFrom(_graph, layer.Operation)
            && (role is OperatorRole.Linear || VariableInputs(layer).All(MayBeInteger))) _excluded.Add(layer);
        return Obstacle.Excluded(layer);
    }

    /// <summary>The branch that a layer lies in, where no sample took it.</summary>
    private string? UnreachedBranch(Layer layer, IReadOnlySet<string> unobserved) =>
        unobserved.Count == 0 ? null : layer.Outputs.Select(o => _unreachedBranch(o, unobserved)).FirstOrDefault(b => b is not null);

    /// <summary>
    /// After the last product nothing is squeezed into 256 values anew: what computes there does so in float. What only moves values
    /// follows the form that they come in, float also where the last product can give its sums as float.
    /// </summary>
    private void KeepTailFloat(Layer layer)
    {
        var plan = _plans[layer];
        if (!plan.IsInteger || QConfigOf(layer)?.QuantizeOutputs is not false) return;
        if (plan.Role is OperatorRole.PassThrough && VariableInputs(layer).All(ComesAsInteger)) return;
        _plans[layer] = plan with { IsInteger = false, Diagnostic = Obstacle.AfterLastProduct(layer) };
    }

    /// <summary>
    /// Back to front: what computes element by element, and whose result only float layers read, need not squeeze it into 256 values on the
    /// way: the squares in a normalization, say. A pool does: it is there to make few values of many.
    /// </summary>
    private void KeepUnreadFloat(Layer layer)
    {
        var plan = _plans[layer];
        if (!plan.IsInteger || plan.Role is not OperatorRole.Arithmetic || QConfigOf(layer)?.QuantizeOutputs is not false) return;
        if (layer.OpType.EndsWith("Pool", StringComparison.Ordinal) || layer.Outputs.Any(o => Readers(o).Any(r => _plans[r].IsInteger))) return;
        _plans[layer] = plan with { IsInteger = false, Diagnostic = Obstacle.UnreadInt8(layer) };
        if (IsForExcluded(layer)) _excluded.Add(layer);
    }

    /// <summary>What lies between excluded layers, with int8 neither before nor after it, is float with them; and so is what moves or joins values
    /// for them alone.</summary>
    private void KeepBesideExcludedFloat()
    {
        if (_excluded.Count == 0) return;
        var fed = new HashSet<Layer>();
        foreach (var layer in _model.Layers)
            if (_plans[layer] is { IsInteger: true, Role: var role } && (role is OperatorRole.Linear
                || VariableInputs(layer).Any(v => _producers.TryGetValue(v, out var maker) && fed.Contains(maker)))) fed.Add(layer);
        foreach (var layer in _model.Layers.Reverse())
        {
            var plan = _plans[layer];
            if (!plan.IsInteger || plan.Role is OperatorRole.Linear || layer.Outputs.Any(IsReadAsInteger)) continue;
            if (fed.Contains(layer) && !(plan.Role is OperatorRole.PassThrough or OperatorRole.Join && IsForExcluded(layer))) continue;
            _plans[layer] = plan with { IsInteger = false, Diagnostic = Obstacle.UnreadInt8(layer) };
            _excluded.Add(layer);
        }
    }

    /// <summary>Front to back: where nothing gives floats to what moves values for an excluded layer, it moves int8, which is cheaper.</summary>
    private void MoveIntegersAsSuch(Layer layer)
    {
        var plan = _plans[layer];
        if (plan.IsInteger || QConfigOf(layer) is null || plan.Role is not (OperatorRole.PassThrough or OperatorRole.Join)) return;
        if (!_excluded.Contains(layer) || VariableInputs(layer).Any(v => !IsInteger(v) || GivesFloatToExcluded(_producers[v]))) return;
        _plans[layer] = plan with { IsInteger = true, Diagnostic = null };
        _excluded.Remove(layer);
    }

    /// <summary>Whether excluded layers read what a layer makes, and its qconfig does not insist on rounding it: PyTorch's do.</summary>
    private bool IsForExcluded(Layer layer) =>
        QConfigOf(layer)?.QuantizeOutputs is false && layer.Outputs.Any(o => Readers(o).Any(_excluded.Contains));

    /// <summary>Whether a layer is linear, and gives its sums as float for excluded layers alone.</summary>
    private bool GivesFloatToExcluded(Layer layer) => _plans[layer] is { IsInteger: true, Role: OperatorRole.Linear } && IsForExcluded(layer)
        && !IsReadAsInteger(layer.Output);

    private bool IsReadAsInteger(string value) => Readers(value).Any(r => _plans[r].IsInteger && VariableInputs(r).Contains(value));

    /// <summary>Whether it is there to divide what a product reads.</summary>
    private bool IsDivision(Layer layer) => !_model.Equalization.Reads.IsEmpty
        && Readers(layer.Output).Any(r => r.Operation.Inputs[0] == layer.Output && _model.Equalization.Reads.ContainsKey(r.Operation.Output));

    private bool ComesAsInteger(string value) => IsInteger(value) && !CanGiveFloat(_plans[_producers[value]]);

    /// <summary>
    /// Back to front: a float layer that only moves values, and whose result only int8 layers read, can move the int8
    /// values instead. This quantizes an image before it is transposed or padded.
    /// </summary>
    private void PullQuantizationUp(Layer layer, IReadOnlySet<string> unobserved)
    {
        var plan = _plans[layer];
        if (plan.IsInteger || plan.Role is not (OperatorRole.PassThrough or OperatorRole.Join)) return;
        if (Obstacle.Of(_graph, layer, plan.Role) is not null || QConfigOf(layer) is null) return;
        if (ActivationRange.IsCut(layer.Operation)) return;
        if (!ReadsActivations(layer)) return;
        if (VariableInputs(layer).Concat(layer.Outputs).Any(v => unobserved.Contains(v) || _graph.Find(v)?.Type != ElementType.Float32)) return;
        if (layer.Outputs.All(o => !_graph.IsOutput(o) && Readers(o).Any()
                && Readers(o).All(r => _plans[r].IsInteger && VariableInputs(r).Contains(o))))
            _plans[layer] = plan with { IsInteger = true, Diagnostic = null };
    }

    /// <summary>
    /// A linear layer whose result nobody reads in int8 need not squeeze it into 256 values: its int32 sums become
    /// float directly, which is both more exact and cheaper. Of convolutions only those whose result excluded layers read.
    /// </summary>
    private LayerPlan KeepResultFloat(LayerPlan plan)
    {
        var layer = plan.Layer;
        var givesFloat = (CanGiveFloat(plan) && !IsReadAsInteger(layer.Output)) || GivesFloatToExcluded(layer);
        return plan with { GivesFloat = givesFloat };
    }

    private bool CanGiveFloat(LayerPlan plan) => plan.IsInteger
        && OperatorCatalogue.ProductOf(plan.Layer.Operation) is ProductKind.Gemm or ProductKind.MatMul
        && QConfigOf(plan.Layer)?.QuantizeOutputs is false;

    private IEnumerable<WeightSite> Weights(LayerPlan plan)
    {
        if (!plan.HasIntegers || QConfigOf(plan.Layer) is not { } qconfig) yield break;
        var node = plan.Layer.Operation;
        if (plan.HasInt8Table) yield return new WeightSite(plan.Layer, node.Inputs[0], EmbeddingTable.Spec(qconfig.Weight));
        else if (plan.HasInt8Weights)
            foreach (var input in RecurrentWeights.Inputs)
                yield return new WeightSite(plan.Layer, node.Inputs[input], RecurrentWeights.Spec(qconfig.Weight));
        else if (plan.Role == OperatorRole.Linear && _graph.Constant(node.Input(1)) is { } weights)
            yield return new WeightSite(plan.Layer, node.Inputs[1], qconfig.Weight.IsPerChannel
                ? qconfig.Weight with { ChannelAxis = OutputAxis.Of(node, weights.Shape) } : qconfig.Weight);
        else if (plan.Role == OperatorRole.Arithmetic)
        {
            // A constant operand is an activation that never changes: its minimum and maximum are all there is to know.
            foreach (var constant in OperatorRoles.DataInputs(node).Where(i => _graph.Constant(i) is not null).Distinct())
                yield return new WeightSite(plan.Layer, constant, ObserverSpec.MinMax.WithArgumentsOf(qconfig.Activation));
        }
    }


    private QConfig? QConfigOf(Layer layer) => _mapping.For(layer.Name, layer.OpType);

    private IEnumerable<string> VariableInputs(Layer layer) =>
        OperatorRoles.DataInputs(layer.Operation).Where(i => i.Length > 0 && _graph.Constant(i) is null);

    /// <summary>Whether an activation comes in: first of all inputs where one input is worked on, else through any.</summary>
    private bool ReadsActivations(Layer layer) => layer.Role is OperatorRole.Linear or OperatorRole.PassThrough
        ? _graph.Constant(layer.Operation.Input(0)) is null : VariableInputs(layer).Any();

    private bool IsInteger(string value) => _producers.TryGetValue(value, out var layer) && _plans[layer].IsInteger;

    /// <summary>Whether it is int8, or made by a layer that was excluded and would be: who reads that rounds it for itself.</summary>
    private bool MayBeInteger(string value) => _producers.TryGetValue(value, out var layer) && (_plans[layer].IsInteger || _excluded.Contains(layer));

    private IEnumerable<Layer> Readers(string value) => _readers[value];

    private bool GivesWholeNumbers(Layer layer) =>
        layer.Outputs.All(o => _graph.Find(o) is { Type: not ElementType.Undefined and var type } && !FloatCasts.IsFloat(type));

    private bool GivesFloats(Layer layer) =>
        layer.Outputs.Any(o => _graph.Find(o) is not { Type: not (ElementType.Float32 or ElementType.Undefined) });
}
