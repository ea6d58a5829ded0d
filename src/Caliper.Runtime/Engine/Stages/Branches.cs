using Caliper.Graphs;
using Caliper.Kernels;

namespace Caliper.Engine.Stages;

/// <summary>An If whose condition only a run knows: the branch that it names is computed, and not the other one.</summary>
internal sealed class Branches(Node node, Model model, Int8SessionOptions options, KernelResources shared) : Junction(node)
{
    private readonly Body?[] _bodies = new Body?[2];
    private readonly string?[] _refused = new string?[2];

    public override long PlanBytes => _bodies.Sum(b => b?.Bytes ?? 0);

    public override Value[] Plan(Func<string, Value> known, out bool isFixed)
    {
        var plans = new (Value[] Outputs, bool IsFixed)?[2];
        for (var i = 0; i < 2; i++)
        {
            try
            {
                var body = _bodies[i] = Body.Of(model, Node, i == 0 ? "then_branch" : "else_branch", [], known, options, shared);
                if (body.Outputs.Length != Node.Outputs.Length) throw Fault($"has a branch of {body.Outputs.Length} results");
                plans[i] = body.Plan(body.Inputs.Select(input => known(input.Name).Shape!.Value));
            }
            catch (CaliperException error)
            {
                // A branch for other inputs than these need not be taken, ever.
                _refused[i] = error.Message;
            }
        }
        var (first, second) = (plans[0], plans[1]);
        var found = first ?? second ?? throw new CaliperException(_refused[0]!);
        isFixed = found.IsFixed && (first, second) is not ({ } one, { } other) || first is { IsFixed: true } a && second is { IsFixed: true } b
            && a.Outputs.Zip(b.Outputs).All(p => p.First.Shape == p.Second.Shape);
        return [.. Node.Outputs.Zip(found.Outputs, (name, value) => value with { Name = name })];
    }

    public override Tensor[] Run(Func<string, Tensor> read)
    {
        var which = read(Node.Inputs[0]) is { Type: ElementType.Boolean, Count: 1 } condition ? condition.Bytes.Span[0] != 0 ? 0 : 1
            : throw Fault("has a condition that is not one truth value");
        return _refused[which] is { } reason ? throw new CaliperException(reason) : _bodies[which]!.Run([], read);
    }

    public override void Dispose()
    {
        foreach (var body in _bodies) body?.Dispose();
    }
}
