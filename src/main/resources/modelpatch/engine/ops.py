# The engine's operations, TorchScript text that modelpatch.engine.TorchScript packs into an archive in memory.
# Whatever is made anew is made where the operands lie.
# Every argument is a tensor: numbers arrive as tensors without dimensions, so no operand can die before a gradient needs it.
# Dimension names: N sequences of one batch, S new positions, T kept positions of the sequence itself, P positions of the shared
# prefix, H query heads, K key-value heads, G = H/K, D = d_head.

def embed(self, table: Tensor, ids: Tensor) -> Tensor:
    return torch.embedding(table, ids)

def linear(self, x: Tensor, weight: Tensor) -> Tensor:
    return torch.linear(x, weight)

def linear_bias(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.linear(x, weight, bias)

def affine(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    # weight is [d_in, d_out], as GPT-2 stores it
    return torch.addmm(bias, x, weight)

def add(self, x: Tensor, y: Tensor) -> Tensor:
    return torch.add(x, y)

def sub(self, x: Tensor, y: Tensor) -> Tensor:
    return torch.sub(x, y)

def mul(self, x: Tensor, y: Tensor) -> Tensor:
    return torch.mul(x, y)

def matmul(self, x: Tensor, y: Tensor) -> Tensor:
    return torch.matmul(x, y)

def t(self, x: Tensor) -> Tensor:
    return torch.t(x)

def empty(self, like: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    return torch.empty([int(rows), int(columns)], device=ops.prim.device(like))

def matmul_into(self, out: Tensor, first: Tensor, count: Tensor, x: Tensor, weight: Tensor) -> Tensor:
    # some columns of x weight, written to their places in out
    return torch.mm(x, torch.narrow(weight, 1, int(first), int(count)), out=torch.narrow(out, 1, int(first), int(count)))

def affine_into(self, out: Tensor, first: Tensor, count: Tensor, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    some = torch.narrow(weight, 1, int(first), int(count))
    return torch.addmm(torch.narrow(bias, 0, int(first), int(count)), x, some, out=torch.narrow(out, 1, int(first), int(count)))

def rms_norm(self, x: Tensor, weight: Tensor, eps: Tensor) -> Tensor:
    return torch.mul(torch.mul(x, torch.rsqrt(torch.add(torch.mean(torch.mul(x, x), [-1], True), eps))), weight)

def rms_norm_plain(self, x: Tensor, eps: Tensor) -> Tensor:
    return torch.mul(x, torch.rsqrt(torch.add(torch.mean(torch.mul(x, x), [-1], True), eps)))

def layer_norm(self, x: Tensor, weight: Tensor, bias: Tensor, eps: Tensor) -> Tensor:
    return torch.layer_norm(x, [x.size(-1)], weight, bias, float(eps))

def layer_norm_by_head(self, x: Tensor, weight: Tensor, eps: Tensor) -> Tensor:
    # x [rows, heads, D], weight [heads, D]
    return torch.mul(torch.layer_norm(x, [x.size(-1)], None, None, float(eps)), weight)

def layer_norm_gain(self, x: Tensor, weight: Tensor, eps: Tensor) -> Tensor:
    return torch.layer_norm(x, [x.size(-1)], weight, None, float(eps))

def layer_norm_plain(self, x: Tensor, eps: Tensor) -> Tensor:
    return torch.layer_norm(x, [x.size(-1)], None, None, float(eps))

def clip(self, x: Tensor, bound: Tensor) -> Tensor:
    return torch.clamp(x, -float(bound), float(bound))

def quick_gelu(self, x: Tensor) -> Tensor:
    return torch.mul(x, torch.sigmoid(torch.mul(x, 1.702)))

def squared_relu(self, x: Tensor) -> Tensor:
    return torch.square(torch.relu(x))

def silu(self, x: Tensor) -> Tensor:
    return torch.silu(x)

def relu(self, x: Tensor) -> Tensor:
    return torch.relu(x)

def gelu(self, x: Tensor) -> Tensor:
    return torch.gelu(x)

def gelu_tanh(self, x: Tensor) -> Tensor:
    return torch.gelu(x, approximate="tanh")

def clamped_gate(self, x: Tensor, sharpness: Tensor, limit: Tensor) -> Tensor:
    # x [rows, 2 * n], gates and units in turn
    bound = float(limit)
    pairs = torch.reshape(x, [x.size(0), -1, 2])
    gate = torch.clamp_max(torch.select(pairs, -1, 0), bound)
    units = torch.clamp(torch.select(pairs, -1, 1), -bound, bound)
    return gate * torch.sigmoid(gate * sharpness) * (units + 1)

def sigmoid(self, x: Tensor) -> Tensor:
    return torch.sigmoid(x)

def softmax(self, x: Tensor) -> Tensor:
    return torch.softmax(x, -1)

def normalised(self, x: Tensor) -> Tensor:
    # rows divided by their sums
    return torch.div(x, torch.sum(x, [-1], True))

def chosen_experts(self, scores: Tensor, groups: Tensor, kept: Tensor, best: Tensor, count: Tensor) -> Tensor:
    # scores [rows, experts]: the experts of the greatest scores in the kept groups with the greatest sums of their best scores, [rows, count]
    ranked = torch.detach(scores)
    if int(groups) > 1:
        grouped = torch.reshape(ranked, [ranked.size(0), int(groups), -1])
        sums = torch.sum((torch.topk(grouped, int(best)))[0], [-1])
        open = torch.scatter(torch.zeros_like(sums), 1, (torch.topk(sums, int(kept)))[1], 1.0)
        ranked = torch.reshape(torch.masked_fill(grouped, torch.unsqueeze(open, -1) < 0.5, float("-inf")), [ranked.size(0), -1])
    return (torch.topk(ranked, int(count)))[1]

def sum_groups(self, x: Tensor, size: Tensor) -> Tensor:
    # [rows * size, n] -> [rows, n]
    return torch.sum(torch.reshape(x, [-1, int(size), x.size(1)]), [1])

def soft_cap(self, x: Tensor, cap: Tensor) -> Tensor:
    return torch.mul(torch.tanh(torch.div(x, cap)), cap)

def rotate_halves(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    # x [rows, heads, D], cos and sin [rows, R/2]: dimension i turns with dimension i + R/2
    half = cos.size(-1)
    c = torch.unsqueeze(cos, 1)
    s = torch.unsqueeze(sin, 1)
    a = torch.narrow(x, -1, 0, half)
    b = torch.narrow(x, -1, half, half)
    rest = torch.narrow(x, -1, 2 * half, x.size(-1) - 2 * half)
    return torch.cat([a * c - b * s, b * c + a * s, rest], -1)

def rotate_pairs(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    # as above, but dimension 2i turns with dimension 2i + 1
    half = cos.size(-1)
    c = torch.unsqueeze(cos, 1)
    s = torch.unsqueeze(sin, 1)
    turned = torch.narrow(x, -1, 0, 2 * half)
    pairs = torch.reshape(turned, [x.size(0), x.size(1), half, 2])
    a = torch.select(pairs, -1, 0)
    b = torch.select(pairs, -1, 1)
    rest = torch.narrow(x, -1, 2 * half, x.size(-1) - 2 * half)
    return torch.cat([torch.reshape(torch.stack([a * c - b * s, b * c + a * s], -1), [x.size(0), x.size(1), 2 * half]), rest], -1)

def sequences(self, x: Tensor, row: Tensor, count: Tensor, length: Tensor) -> Tensor:
    # rows of one group of [rows, heads, D] as [N, S, heads, D], copied
    n = int(count)
    s = int(length)
    return torch.clone(torch.reshape(torch.narrow(x, 0, int(row), n * s), [n, s, x.size(1), x.size(2)]))

def attention(self, q: Tensor, k: Tensor, v: Tensor, row: Tensor, count: Tensor, length: Tensor, prefix_k: Tensor, prefix_v: Tensor, scale: Tensor, cap: Tensor, window: Tensor, chunks: Tensor, slopes: Tensor, sinks: Tensor) -> Tensor:
    # q [rows, H, D], of which N*S from row on are this group's; k, v either [rows, K, D] too or, with kept positions, [N, T, K, D];
    # prefix_k, prefix_v [K, P, D]; values may have another D; the queries are the last S of the P + T positions; slopes [H] of biases by position, or none;
    # sinks [H] that take part in the softmax alone, or none -> [N*S, H*D]
    n = int(count)
    s = int(length)
    h = q.size(1)
    d = q.size(2)
    q = torch.reshape(torch.narrow(q, 0, int(row), n * s), [n, s, h, d])
    if k.dim() == 3:
        k = torch.reshape(torch.narrow(k, 0, int(row), n * s), [n, s, k.size(1), d])
        v = torch.reshape(torch.narrow(v, 0, int(row), n * s), [n, s, v.size(1), v.size(2)])
    t = k.size(1)
    width = v.size(3)
    heads = k.size(2)
    g = h // heads
    p = prefix_k.size(1)
    rows = torch.permute(torch.reshape(q * scale, [n, s, heads, g, d]), [2, 0, 3, 1, 4])  # [K, N, G, S, D]
    rows = torch.reshape(rows, [heads * n, g * s, d])
    own_k = torch.reshape(torch.permute(k, [2, 0, 3, 1]), [heads * n, d, t])
    own_v = torch.reshape(torch.permute(v, [2, 0, 1, 3]), [heads * n, t, width])
    scores = torch.reshape(torch.bmm(rows, own_k), [heads, n * g * s, t])
    if p > 0:
        shared = torch.bmm(torch.reshape(rows, [heads, n * g * s, d]), torch.transpose(prefix_k, 1, 2))
        scores = torch.cat([shared, scores], -1)
    limit = float(cap)
    if limit > 0.0:
        scores = torch.tanh(scores / limit) * limit
    if slopes.size(0) > 0:
        places = torch.arange(p + t, device=ops.prim.device(q))
        biases = torch.unsqueeze(slopes, 1) * places
        scores = torch.reshape(scores, [heads, n, g, s, p + t]) + torch.reshape(biases, [heads, 1, g, 1, p + t])
    reach = int(window)
    if s > 1 or (reach > 0 and p + t > reach):
        keys = torch.arange(p + t, device=ops.prim.device(q))
        queries = torch.unsqueeze(torch.arange(p + t - s, p + t, device=ops.prim.device(q)), 1)
        hidden = keys > queries
        if int(chunks) > 0:
            hidden = torch.logical_or(hidden, torch.floor_divide(keys, reach) != torch.floor_divide(queries, reach))
        elif reach > 0:
            hidden = torch.logical_or(hidden, keys <= queries - reach)
        scores = torch.reshape(scores, [heads * n * g, s, p + t])
        scores = torch.masked_fill(scores, hidden, float("-inf"))
    scores = torch.reshape(scores, [heads, n * g * s, p + t])
    if sinks.size(0) > 0:
        sink = torch.expand(torch.reshape(sinks, [heads, 1, g, 1]), [heads, n, g, s])
        scores = torch.cat([scores, torch.reshape(sink, [heads, n * g * s, 1])], -1)
    pattern = torch.softmax(scores, -1)
    own = torch.reshape(torch.narrow(pattern, -1, p, t), [heads * n, g * s, t])
    z = torch.reshape(torch.bmm(own, own_v), [heads, n * g * s, width])
    if p > 0:
        z = z + torch.bmm(torch.narrow(pattern, -1, 0, p), prefix_v)
    z = torch.permute(torch.reshape(z, [heads, n, g, s, width]), [1, 3, 0, 2, 4])
    return torch.reshape(z, [n * s, h * width])

def for_heads(self, x: Tensor, heads: Tensor) -> Tensor:
    # [rows, n], the same for every head: [rows, heads, n]
    return torch.expand(torch.unsqueeze(x, 1), [x.size(0), int(heads), x.size(1)])

def by_head(self, x: Tensor, heads: Tensor) -> Tensor:
    # [rows, heads * D] -> [rows, heads, D]
    return torch.reshape(x, [x.size(0), int(heads), -1])

def reshape(self, x: Tensor, shape: Tensor) -> Tensor:
    sizes = annotate(List[int], shape.tolist())
    return torch.reshape(x, sizes)

def permute(self, x: Tensor, order: Tensor) -> Tensor:
    dims = annotate(List[int], order.tolist())
    return torch.contiguous(torch.permute(x, dims))

def narrow(self, x: Tensor, dim: Tensor, start: Tensor, length: Tensor) -> Tensor:
    return torch.narrow(x, int(dim), int(start), int(length))

def select(self, x: Tensor, dim: Tensor, index: Tensor) -> Tensor:
    return torch.select(x, int(dim), int(index))

def rows(self, x: Tensor, ids: Tensor) -> Tensor:
    return torch.index_select(x, 0, ids)

def put_rows(self, x: Tensor, ids: Tensor, values: Tensor) -> Tensor:
    return torch.index_copy(x, 0, ids, values)

def cat(self, parts: List[Tensor], dim: Tensor) -> Tensor:
    return torch.cat(parts, int(dim))

def stack(self, parts: List[Tensor]) -> Tensor:
    return torch.stack(parts, 0)

def repeat(self, x: Tensor, times: Tensor) -> Tensor:
    # [S, ...] -> [times * S, ...]
    sizes = [int(times)]
    for i in range(x.dim() - 1):
        sizes.append(1)
    return torch.repeat(x, sizes)

def log_softmax(self, x: Tensor) -> Tensor:
    return torch.log_softmax(x, -1)

def greatest(self, x: Tensor) -> Tensor:
    return torch.amax(x, [-1], False)

def log_sum_exp(self, x: Tensor) -> Tensor:
    # the sum of terms of at most 1 is exact to 1e-7 in float32, its logarithm is not: that and the maximum are joined in double
    greatest = torch.amax(x, [-1], True)
    terms = torch.sum(torch.exp(x - greatest), [-1])
    return torch.log(torch.to(terms, 7)) + torch.to(torch.squeeze(greatest, -1), 7)

def top(self, x: Tensor, count: Tensor) -> Tuple[Tensor, Tensor]:
    values, ids = torch.topk(x, int(count))
    return (values, torch.to(ids, 4))

def greater(self, x: Tensor, ids: Tensor) -> Tensor:
    # ids [rows, n]: how many entries of each row exceed the row's entry at each of its ids: [rows, n]; float32 counts to 2^24
    targets = torch.gather(x, 1, ids)
    counts = annotate(List[Tensor], [])
    for i in range(targets.size(1)):
        counts.append(torch.sum(torch.to(x > torch.narrow(targets, 1, i, 1), 6), [1]))
    return torch.to(torch.stack(counts, 1), 4)

def gathered(self, x: Tensor, ids: Tensor) -> Tensor:
    # x [rows, n], ids [rows, m] -> [rows, m]
    return torch.gather(x, 1, ids)

def gathered_from(self, x: Tensor, ids: Tensor, first: Tensor) -> Tensor:
    # as gathered, where x holds the columns from first on; 0 for an id that is none of them
    local = ids - int(first)
    inside = torch.logical_and(local >= 0, local < x.size(1))
    return torch.gather(x, 1, torch.clamp(local, 0, x.size(1) - 1)) * torch.to(inside, 6)

def columns(self, x: Tensor, ids: Tensor) -> Tensor:
    return torch.index_select(x, 1, ids)

def argmax(self, x: Tensor) -> Tensor:
    return torch.argmax(x, -1)

def pick(self, x: Tensor, ids: Tensor) -> Tensor:
    # x [rows, n], ids [rows] -> [rows]
    return torch.squeeze(torch.gather(x, 1, torch.unsqueeze(ids, 1)), 1)

def sum(self, x: Tensor) -> Tensor:
    return torch.sum(x)

def clone(self, x: Tensor) -> Tensor:
    return torch.clone(x)

def widen_bf16(self, bytes: Tensor) -> Tensor:
    return torch.to(torch.view_copy(bytes, dtype=15), 6)

def gradients(self, loss: Tensor, wrt: List[Tensor]) -> List[Tensor]:
    found = torch.autograd.grad([loss], wrt, None, False, False, True)
    out = annotate(List[Tensor], [])
    for i in range(len(found)):
        g = found[i]
        if g is None:
            out.append(torch.zeros_like(wrt[i]))
        else:
            out.append(unchecked_cast(Tensor, g))
    return out

def norm_of(self, xs: List[Tensor]) -> Tensor:
    total = torch.zeros([], dtype=7, device=ops.prim.device(xs[0]))
    for i in range(len(xs)):
        total = total + torch.sum(torch.to(xs[i] * xs[i], 7))
    return torch.sqrt(total)

def adamw(self, weights: List[Tensor], gradients: List[Tensor], first: List[Tensor], second: List[Tensor], scale: Tensor, rate: Tensor, beta1: Tensor, beta2: Tensor, eps: Tensor, decay: Tensor, step: Tensor) -> Tensor:
    # Loshchilov and Hutter 2019; weights and both moments are changed in place; decay acts on matrices only
    b1 = float(beta1)
    b2 = float(beta2)
    lr = float(rate)
    t = float(step)
    for i in range(len(weights)):
        w = torch.detach(weights[i])
        g = gradients[i] * scale
        m = first[i]
        v = second[i]
        m.mul_(b1).add_(g * (1.0 - b1))
        v.mul_(b2).add_(g * g * (1.0 - b2))
        if w.dim() > 1:
            w.mul_(1.0 - lr * float(decay))
        update = (m / (1.0 - b1 ** t)) / (torch.sqrt(v / (1.0 - b2 ** t)) + float(eps))
        w.sub_(update * lr)
    return torch.zeros([], device=ops.prim.device(weights[0]))

def cross_entropy(self, logits: Tensor, ids: Tensor, weights: Tensor, total: Tensor) -> Tensor:
    # sum of weighted negative log-probabilities over the total weight; logits [rows, n], ids and weights [rows]
    picked = torch.squeeze(torch.gather(torch.log_softmax(logits, -1), 1, torch.unsqueeze(ids, 1)), 1)
    return torch.neg(torch.div(torch.sum(torch.mul(picked, weights)), total))

def divergence(self, wanted: Tensor, logits: Tensor, weights: Tensor) -> Tensor:
    # the sum over rows of weight times KL(softmax wanted || softmax logits), both [rows, n], weights [rows]
    goal = torch.log_softmax(wanted, -1)
    rows = torch.sum(torch.mul(torch.exp(goal), torch.sub(goal, torch.log_softmax(logits, -1))), [-1])
    return torch.sum(torch.mul(rows, weights))

def length_of(self, x: Tensor) -> Tensor:
    # |x|, differentiable; its gradient at zero is zero
    return torch.norm(x)

def shorten(self, x: Tensor, most: Tensor) -> Tensor:
    # changes x in place so that |x| is at most a number
    values = torch.detach(x)
    norm = torch.norm(values)
    if bool(norm > most):
        values.mul_(most / norm)
    return norm

def preference(self, logits: Tensor, ids: Tensor, signs: Tensor, reference: Tensor, beta: Tensor) -> Tensor:
    # mean over pairs of -log sigmoid(beta (margin - reference)); signs [pairs, rows] is 1 for rows of a pair's chosen continuation, -1
    # for those of its rejected one; logits [rows, n], ids [rows]
    picked = torch.squeeze(torch.gather(torch.log_softmax(logits, -1), 1, torch.unsqueeze(ids, 1)), 1)
    margin = torch.mv(signs, picked) - reference
    return torch.neg(torch.mean(torch.log_sigmoid(margin * beta)))
